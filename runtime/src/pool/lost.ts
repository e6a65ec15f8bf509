import { WorkerLostError } from '../errors.js';
import { decode } from '../pickle/index.js';
import type { ExitStatus } from '../process/index.js';
import { TASK_HEADER, TaskKind } from './messages.js';
import type { Task } from './task.js';
import { callText, chunkText } from './taskText.js';
import type { WorkerHandle } from './workerHandle.js';

/** What a task rejects with whose worker died while it ran. */
export function workerLost(task: Task, worker: WorkerHandle, { exitCode, signal }: ExitStatus): WorkerLostError {
  const text = describe(task);
  const ended = signal === null ? `ended with exit code ${exitCode}` : `was killed by ${signal}`;
  const how = worker.killedFor ?? ended;
  // Nothing else is said about it anywhere but on stderr.
  const hint =
    signal === 'SIGABRT'
      ? ' (Node aborts so when its heap is full; --max-old-space-size sets how large it may be)'
      : '';
  return new WorkerLostError(`${worker.name} (pid ${worker.child.pid}) ${how} while it ran ${text}${hint}`, {
    pid: worker.child.pid,
    exitCode,
    signal,
    task: text,
  });
}

/** The call as text, with the arguments as they were sent if they can be read here. */
function describe(task: Task): string {
  const name = task.fn.name === '' ? 'anonymous' : task.fn.name;
  try {
    const start = task.start + TASK_HEADER;
    const args = decode(task.page.u8, start, start + (task.page.i32[(task.start >> 2) + 3] ?? 0));
    if (task.kind === TaskKind.item) return callText(name, [args]);
    if (task.kind === TaskKind.call) return callText(name, args as unknown[]);
    return chunkText(name, task.calls);
  } catch {
    return name;
  }
}
