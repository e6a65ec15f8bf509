import { onFirstUse, type OutputName } from './firstUse.js';

/** A spare that has this much to say before it is anybody is no use as a spare; in characters or bytes. */
const MOST = 1 << 20;

type Write = (...args: unknown[]) => boolean;

/**
 * Holds what this process writes to stdout and stderr, until the answered function lets go of it: then all of it is
 * written, in its order. A spare says nothing before it is somebody, or people would see what the modules of spares
 * print that nobody ever needed. `tooMuch` is called when it gets too much to keep.
 */
export function holdOutput(tooMuch: () => void): () => void {
  const held: (() => void)[] = [];
  let isHolding = true;
  let size = 0;
  const hold = (write: Write, args: readonly unknown[]): boolean => {
    const [chunk, encoding] = args;
    // Who wrote it may change its bytes at once.
    const kept = chunk instanceof Uint8Array ? Buffer.from(chunk) : chunk;
    held.push(() => void (typeof encoding === 'string' ? write(kept, encoding) : write(kept)));
    size += (kept as { length?: number } | undefined)?.length ?? 0;
    if (size > MOST) tooMuch();
    const done = args.find(each => typeof each === 'function') as (() => void) | undefined;
    if (done !== undefined) process.nextTick(done);
    return true;
  };
  const wrap =
    (write: Write): Write =>
    (...args) =>
      isHolding ? hold(write, args) : write(...args);
  const restores = (['stdout', 'stderr'] as const).map(name => inFront(name, wrap));
  return () => {
    isHolding = false;
    for (const restore of restores) restore();
    for (const write of held.splice(0)) write();
  };
}

/** Puts another `write` in front of a stream's when it is first used; the answered function takes it away again. */
function inFront(name: OutputName, wrap: (write: Write) => Write): () => void {
  let restore = (): void => undefined;
  const forget = onFirstUse(name, stream => {
    const own = Object.getOwnPropertyDescriptor(stream, 'write');
    const wrapped = wrap(stream.write.bind(stream) as Write) as typeof stream.write;
    stream.write = wrapped;
    restore = () => {
      // A module of the user's may have put one of its own in front, which calls ours: then ours stays, and hands on.
      if (stream.write !== wrapped) return;
      if (own === undefined) Reflect.deleteProperty(stream, 'write');
      else Object.defineProperty(stream, 'write', own);
    };
  });
  return () => {
    forget();
    restore();
  };
}
