import { BrokenPoolError, BrokenProcessPool, PoolTerminatedError } from '../errors.js';
import { withoutStack } from '../pool/ground.js';

const TERMINATED = 'The workers of the process pool were terminated while the future was running or pending.';

/** What a pool says of its end, as an executor says it: an error of its own for everybody who is told. */
export function inWordsOfExecutors(error: unknown): unknown {
  if (error instanceof BrokenPoolError) return asLongAs(error, () => brokenProcessPool(error));
  if (error instanceof PoolTerminatedError) return asLongAs(error, () => new BrokenProcessPool(TERMINATED));
  return error;
}

/** The cause says what has happened: a WorkerLostError, what the initializer threw, the system's refusal. */
export const brokenProcessPool = ({ message, cause }: BrokenPoolError): BrokenProcessPool =>
  new BrokenProcessPool(message, { cause });

/** Of a million errors a pool gives a stack to the first ones alone, since stacks take longer than all else. */
function asLongAs(model: Error, make: () => Error): Error {
  return model.stack?.includes('\n    at ') === true ? make() : withoutStack(make);
}
