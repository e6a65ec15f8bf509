import { checkNames } from '../optionNames.js';
import { Connection } from './connection.js';
import { PipeEnd } from './pipeEnd.js';

export interface PipeOptions {
  /** Whether both ends send and receive; default true. Else the first only receives and the second only sends. */
  readonly duplex?: boolean;
}

/**
 * A pair of connections: what is sent into one is received from the other (Python: `multiprocessing.Pipe`). Throws
 * OSError when shared memory is short, TypeError for `Pipe(false)` and its like.
 */
// Messages of a pipe have whatever type both sides agree on: there is nothing to infer it from.
// eslint-disable-next-line @typescript-eslint/no-explicit-any
export function Pipe<T = any>(options: PipeOptions = {}): [Connection<T>, Connection<T>] {
  if ((typeof options as string) !== 'object')
    throw new TypeError(`Pipe takes an object such as { duplex: false }, not ${String(options)}`);
  checkNames(options, ['duplex'], 'Pipe');
  const [first, second] = PipeEnd.makePair(options.duplex ?? true);
  return [new Connection<T>(first), new Connection<T>(second)];
}
