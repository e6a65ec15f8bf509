import { BrokenPoolError, PoolTerminatedError } from '../errors.js';
import { program } from '../memory/index.js';
import { decode } from '../pickle/index.js';
import type { ExitStatus } from '../process/index.js';
import { asOSError } from '../systemError.js';
import { rebuiltFailure, saidBy } from './failure.js';
import type { TaskFailure } from './messages.js';
import type { WorkerHandle } from './workerHandle.js';

/**
 * Why a pool cannot go on: its initializer threw what the bytes say, or a module starts processes wherever a worker
 * imports it, as a `main()` without a guard does.
 */
export function unfit(worker: WorkerHandle, bytes: Buffer, start: number, end: number): BrokenPoolError {
  let cause: unknown;
  try {
    cause = rebuiltFailure(decode(bytes, start, end) as TaskFailure);
  } catch (error) {
    cause = error;
  }
  const what =
    worker.state === 'initializing' ? `the pool's initializer failed in ${worker.name}` : 'no worker can go on';
  return new BrokenPoolError(`${what}: ${saidBy(cause)}`, { cause });
}

/** Why a pool cannot go on whose worker ended before it was ready. */
export function startFailure(worker: WorkerHandle, { code, signal }: ExitStatus): BrokenPoolError {
  const how = signal === null ? `with exit code ${code}` : `by ${signal}`;
  return new BrokenPoolError(
    `the workers of this pool end while they start: ${worker.name} (pid ${worker.child.pid}) ended ${how} before it ` +
      `could take a task. What it wrote to stderr says why.`,
  );
}

/** Why a pool cannot go on that has lost its last worker. */
export const notReplaced = (cause: unknown): BrokenPoolError =>
  new BrokenPoolError('a worker that ended could not be replaced', { cause });

/** What rejects with it was asked for and will not be answered. */
export const terminated = (): PoolTerminatedError =>
  new PoolTerminatedError(
    'the pool was terminated before this task had a result, by terminate() or by leaving its `await using` block: ' +
      '`return await` the result inside of that',
  );

/** Why a pool cannot go on whose workers are heard no more. */
export const unheard = (cause: unknown): BrokenPoolError =>
  new BrokenPoolError(`the pool's answers cannot be taken in: ${saidBy(cause)}`, { cause });

/** Throws OSError if there is no shared memory: the first pool of a program may be the first to need some. */
export function reachMemory(): void {
  try {
    program();
  } catch (error) {
    throw asOSError(error, 'there is no shared memory for a pool');
  }
}

/** So many errors tell where they were made; a stack takes as long as everything else about a call together. */
const WITH_STACK = 100;

/** An error for each of a million calls: distinct ones, of which the first show the whole stack. */
export function oneEach(make: () => Error): () => Error {
  let made = 0;
  return () => {
    return made++ < WITH_STACK ? make() : withoutStack(make);
  };
}

/** What `make` answers, whose errors do not say where they were made. */
export function withoutStack<T>(make: () => T): T {
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 0;
  try {
    return make();
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
  }
}
