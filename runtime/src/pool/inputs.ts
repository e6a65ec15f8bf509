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

export async function collectedLater<T>(inputs: AsyncIterable<T>): Promise<readonly T[]> {
  const all: T[] = [];
  for await (const item of inputs) all.push(item);
  return all;
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
