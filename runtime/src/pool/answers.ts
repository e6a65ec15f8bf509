import { decode, decodeAsync, NeedsModules } from '../pickle/index.js';
import { rebuiltFailure } from './failure.js';
import { RecordStatus, type TaskFailure } from './messages.js';
import type { Task } from './task.js';

type Tell = (task: Task, what: unknown) => void;

/**
 * Reads what a worker answered. An answer that names modules this process has not loaded is told later; one that
 * cannot be read here (most likely an error whose class is not exported) is that task's failure and nobody else's.
 */
export function readAnswer(
  status: RecordStatus,
  bytes: Buffer,
  start: number,
  end: number,
  done: Tell,
  failed: Tell,
  task: Task,
): void {
  let value: unknown;
  try {
    value = decode(bytes, start, end);
  } catch (error) {
    if (error instanceof NeedsModules) readLater(status, Buffer.from(bytes.subarray(start, end)), done, failed, task);
    else failed(task, error);
    return;
  }
  tell(status, value, done, failed, task);
}

function readLater(status: RecordStatus, bytes: Buffer, done: Tell, failed: Tell, task: Task): void {
  decodeAsync(bytes).then(
    value => tell(status, value, done, failed, task),
    (error: unknown) => failed(task, error),
  );
}

function tell(status: RecordStatus, value: unknown, done: Tell, failed: Tell, task: Task): void {
  if (status === RecordStatus.done) done(task, value);
  else failed(task, rebuiltFailure(value as TaskFailure));
}
