import { nameOf } from './taskText.js';

/**
 * What a map may be given: anything that can be iterated, also asynchronously. (An array is an Iterable as well; by a
 * part of its own the compiler tells of a wrong item where that stands, not of iterators and their results.)
 */
export type Inputs<T> = Iterable<T> | AsyncIterable<T> | readonly T[];

export function isAsyncIterable<T>(inputs: Inputs<T>): inputs is AsyncIterable<T> {
  return typeof inputs === 'object' && inputs !== null && Symbol.asyncIterator in inputs;
}

/** Throws TypeError for what cannot be iterated, and whatever the iteration throws, as it is. */
export function collected<T>(inputs: Iterable<T>): readonly T[] {
  if (Array.isArray(inputs)) return inputs as readonly T[];
  return [...iterable(inputs)];
}

export type AnyIterator<T> = Iterator<T> | AsyncIterator<T>;

/** An iterator over inputs of any kind. Throws TypeError for what cannot be iterated. */
export function openInputs<T>(inputs: Inputs<T>): AnyIterator<T> {
  return isAsyncIterable(inputs) ? inputs[Symbol.asyncIterator]() : iterable(inputs)[Symbol.iterator]();
}

export function iterable<T>(inputs: Iterable<T>): Iterable<T> {
  const given: unknown = inputs;
  if ((typeof given === 'object' && given !== null && Symbol.iterator in given) || typeof given === 'string') {
    return inputs;
  }
  throw new TypeError(`${wordFor(given)} is not iterable${mendOf(given)}`);
}

function wordFor(given: unknown): string {
  if (given === null) return 'null';
  if (typeof given === 'function') return `function '${nameOf(given)}'`;
  return given instanceof Promise ? 'a promise' : typeof given;
}

/** What people mean who give such a thing. */
function mendOf(given: unknown): string {
  if (typeof given === 'function') return ': call it, if what it returns are the inputs';
  if (given instanceof Promise) return ': await it first';
  const isLong = typeof given === 'object' && given !== null && 'length' in given;
  return isLong ? ': Array.from() makes an array of what has a length' : '';
}

/** The arguments of one call of a starmap. Throws TypeError for what is no list of them. */
export function argumentsOf(item: unknown): readonly unknown[] {
  const isList = typeof item === 'string' || (typeof item === 'object' && item !== null && Symbol.iterator in item);
  if (isList) return collected(item as Iterable<unknown>);
  throw new TypeError(`starmap takes an array of arguments for each call, not ${wordFor(item)}: map() calls with one`);
}

/**
 * So many inputs travel together that beyond it the cost of a message is nothing, and only more memory is touched and
 * the first result comes later.
 */
const LARGEST_DEFAULT = 8192;

/** As many inputs as make four chunks a worker, as Python has it; very long inputs make more. */
export const defaultChunkSize = (inputs: number, workers: number): number =>
  Math.min(Math.max(1, Math.ceil(inputs / (workers * 4))), LARGEST_DEFAULT);
