import { selfSlot } from '../../memory/index.js';
import { onFirstUse } from './firstUse.js';

interface PipeLike {
  readonly _type?: string;
  readonly _handle?: { setBlocking?(on: boolean): unknown };
}

/**
 * Makes stdout and stderr of a child lose nothing, whatever way it ends: what goes into a pipe is written before
 * `write` returns, where Node would keep what the pipe cannot take at once, and drop it at `process.exit()`. And what
 * goes to stderr is kept in the process table. Of a stream that nobody reads any more a process hears nothing, whatever
 * it prints.
 */
export function keepOutputWhole(): void {
  onFirstUse('stdout', prepare);
  onFirstUse('stderr', stream => {
    prepare(stream);
    const write = stream.write.bind(stream) as (...args: unknown[]) => boolean;
    stream.write = (chunk: unknown, ...rest: unknown[]): boolean => {
      selfSlot.appendStderr(textOf(chunk));
      return write(chunk, ...rest);
    };
  });
}

/** What every output of a child needs, whatever it is used for. */
function prepare(stream: NodeJS.WriteStream): void {
  const pipe = stream as PipeLike;
  if (pipe._type === 'pipe') pipe._handle?.setBlocking?.(true);
  stream.on('error', error => forgive(error, stream));
}

/** Nobody reads any more: no reason to lose the work as well. What is still printed goes nowhere. */
const NO_READER = new Set([
  'EPIPE',
  'ECONNRESET', // who reads from a socket has left with something unread
  'EIO',
  'ENOTCONN',
  'ERR_STREAM_DESTROYED',
  'ERR_STREAM_WRITE_AFTER_END',
]);

function forgive(error: NodeJS.ErrnoException, stream: NodeJS.WriteStream): void {
  if (!NO_READER.has(error.code ?? '') && stream.listenerCount('error') === 1) throw error;
}

function textOf(chunk: unknown): string {
  if (typeof chunk === 'string') return chunk;
  return chunk instanceof Uint8Array ? Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength).toString() : '';
}
