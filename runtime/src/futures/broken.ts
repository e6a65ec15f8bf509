import { BrokenPoolError, BrokenProcessPool, PoolTerminatedError } from '../errors.js';

const TERMINATED = 'The workers of the process pool were terminated while the future was running or pending.';

/** What a pool says of its end, as an executor says it: an error of its own for everybody who is told. */
export function inWordsOfExecutors(error: unknown): unknown {
  if (error instanceof BrokenPoolError) return brokenProcessPool(error);
  return error instanceof PoolTerminatedError ? new BrokenProcessPool(TERMINATED) : error;
}

/** The cause says what has happened: a WorkerLostError, what the initializer threw, the system's refusal. */
export const brokenProcessPool = ({ message, cause }: BrokenPoolError): BrokenProcessPool =>
  new BrokenProcessPool(message, { cause });
