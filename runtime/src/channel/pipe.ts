import { Connection } from './connection.js';
import { PipeEnd } from './pipeEnd.js';

export interface PipeOptions {
  /** Whether both ends send and receive; default true. Else the first only receives and the second only sends. */
  readonly duplex?: boolean;
}

/**
 * A pair of connections: what is sent into one is received from the other (Python: `multiprocessing.Pipe`). Throws
 * OSError when shared memory is short.
 */
// Messages of a pipe have whatever type both sides agree on: there is nothing to infer it from.
// eslint-disable-next-line @typescript-eslint/no-explicit-any
export function Pipe<T = any>({ duplex = true }: PipeOptions = {}): [Connection<T>, Connection<T>] {
  const [first, second] = PipeEnd.makePair(duplex);
  return [new Connection<T>(first), new Connection<T>(second)];
}
