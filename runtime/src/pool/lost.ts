import { WorkerLostError } from '../errors.js';
import { decode } from '../pickle/index.js';
import type { ExitStatus } from '../process/index.js';
import { TASK_HEADER, TaskKind } from './messages.js';
import type { Task } from './task.js';
import { callText, chunkText } from './taskText.js';
import type { WorkerHandle } from './workerHandle.js';

/** Node's exit code for a program whose promise waits for nothing. */
const UNSETTLED = 13;
const MOST_BYTES = 64 * 1024;

/** What a task rejects with whose worker died while it ran. */
export function workerLost(task: Task, worker: WorkerHandle, { exitCode, signal }: ExitStatus): WorkerLostError {
  const text = describeTask(task).input;
  const ended = signal === null ? `ended with exit code ${exitCode}` : `was killed by ${signal}`;
  const how = worker.killedFor ?? ended;
  const hint = hintOf(exitCode, signal);
  return new WorkerLostError(`${worker.name} (pid ${worker.child.pid}) ${how} while it ran ${text}${hint}`, {
    pid: worker.child.pid,
    exitCode,
    signal,
    task: text,
  });
}

/** The end of a worker that breaks its pool, whatever it was doing; Python words it so. */
export function abruptEnd(task: Task | undefined, worker: WorkerHandle, status: ExitStatus): WorkerLostError {
  const { exitCode, signal } = status;
  const text = task === undefined ? '' : describeTask(task).input;
  const begins = worker.state === 'starting' || worker.state === 'initializing';
  const doing = text !== '' ? ` while it ran ${text}` : begins ? ' while it started' : '';
  const code = `exit code ${exitCode}${signal === null ? '' : ` (${signal})`}`;
  const who = `process ${worker.child.pid} (${worker.name})`;
  return new WorkerLostError(`${who} terminated abruptly with ${code}${doing}`, {
    pid: worker.child.pid,
    exitCode,
    signal,
    task: text,
  });
}

/** What is known of such ends; nothing else is said about it anywhere but on stderr. */
function hintOf(exitCode: number, signal: NodeJS.Signals | null): string {
  if (signal === 'SIGABRT') {
    return ' (Node aborts so when its heap is full; --max-old-space-size sets how large it may be)';
  }
  if (exitCode === UNSETTLED)
    return ' (the promise it returned can never settle: nothing was left that could settle it)';
  return '';
}

/** What a task calls, and the call as text, with the arguments as they were sent if they can be read here. */
export function describeTask(task: Task): { name: string; input: string } {
  const { name } = task.fn;
  return { name, input: inputOf(name, task) };
}

function inputOf(name: string, task: Task): string {
  if (task.kind === TaskKind.chunk || task.kind === TaskKind.starChunk) return chunkText(name, task.calls);
  const start = task.start + TASK_HEADER;
  const length = task.page.i32[(task.start >> 2) + 3] ?? 0;
  // To read much for a few letters of it is not worth the time.
  if (length > MOST_BYTES) return `${name}(… ${Math.round(length / 1024)} KB)`;
  try {
    const args = decode(task.page.u8, start, start + length);
    return callText(name, task.kind === TaskKind.item ? [args] : (args as unknown[]));
  } catch {
    return name;
  }
}
