/** What a map may be given: anything that can be iterated, also asynchronously. */
export type Inputs<T> = Iterable<T> | AsyncIterable<T>;

export function isAsyncIterable(inputs: unknown): inputs is AsyncIterable<unknown> {
  return typeof inputs === 'object' && inputs !== null && Symbol.asyncIterator in inputs;
}

/** Throws TypeError for what cannot be iterated, and whatever the iteration throws, as it is. */
export function collected<T>(inputs: Iterable<T>): readonly T[] {
  if (Array.isArray(inputs)) return inputs as readonly T[];
  return [...iterable(inputs)];
}

/** The same for asynchronous inputs. At the signal, stops waiting for them, closes them and rejects with its reason. */
export async function collectedLater<T>(inputs: AsyncIterable<T>, signal?: AbortSignal): Promise<readonly T[]> {
  const all: T[] = [];
  const iterator = inputs[Symbol.asyncIterator]();
  const aborted = signal === undefined ? undefined : rejection(signal);
  try {
    for (;;) {
      const step = await (aborted === undefined ? iterator.next() : Promise.race([iterator.next(), aborted.promise]));
      if (step.done === true) return all;
      all.push(step.value);
    }
  } catch (error) {
    // It may never answer, and nobody wants to hear what it says.
    if (signal?.aborted === true) void iterator.return?.().catch(() => undefined);
    throw error;
  } finally {
    aborted?.stop();
  }
}

function rejection(signal: AbortSignal): { promise: Promise<never>; stop: () => void } {
  let onAbort: () => void = () => undefined;
  const promise = new Promise<never>((_, reject) => {
    onAbort = () => reject(signal.reason as Error);
    signal.addEventListener('abort', onAbort, { once: true });
  });
  promise.catch(() => undefined);
  if (signal.aborted) onAbort();
  return { promise, stop: () => signal.removeEventListener('abort', onAbort) };
}

export function iterable<T>(inputs: Iterable<T>): Iterable<T> {
  const given: unknown = inputs;
  if ((typeof given === 'object' && given !== null && Symbol.iterator in given) || typeof given === 'string') {
    return inputs;
  }
  throw new TypeError(`${given === null ? 'null' : typeof given} is not iterable`);
}

/** The arguments of one call of a starmap. */
export const argumentsOf = (item: unknown): readonly unknown[] => collected(item as Iterable<unknown>);

/**
 * So many inputs travel together that beyond it the cost of a message is nothing, and only more memory is touched and
 * the first result comes later.
 */
const LARGEST_DEFAULT = 8192;

/** As many inputs as make four chunks a worker, as Python has it; very long inputs make more. */
export const defaultChunkSize = (inputs: number, workers: number): number =>
  Math.min(Math.max(1, Math.ceil(inputs / (workers * 4))), LARGEST_DEFAULT);
