import { ValueError } from '../errors.js';
import { allocate, blockAt, free, type Block } from '../memory/index.js';
import { decodeAsync, describeReference, encode, referenceOf } from '../pickle/index.js';
import { nameOf } from './taskText.js';

export type AnyFunction = (...args: never[]) => unknown;

/** A function's block: two lengths, its pickled reference, and the same as text. */
const LENGTHS_BYTES = 8;
/** How much the newest batch counts in a function's average. */
const NEWEST = 0.2;

/** A function as the owner of a pool knows it: where workers find its reference, and how long it takes. */
export class TaskFunction {
  readonly segmentId: number;
  readonly offset: number;
  readonly name: string;
  /** Milliseconds a task of it takes, lately; undefined before the first has come back. */
  averageMs: number | undefined;
  readonly #block: Block;
  readonly #byteLength: number;

  constructor(name: string, reference: Uint8Array, text: string) {
    this.name = name;
    const shown = Buffer.from(text);
    this.#byteLength = LENGTHS_BYTES + reference.length + shown.length;
    this.#block = allocate(this.#byteLength);
    this.segmentId = this.#block.segmentId;
    this.offset = this.#block.offset;
    const { u8, i32 } = this.#block.segment;
    i32[this.#block.word] = reference.length;
    i32[this.#block.word + 1] = shown.length;
    u8.set(reference, this.offset + LENGTHS_BYTES);
    u8.set(shown, this.offset + LENGTHS_BYTES + reference.length);
  }

  took(ms: number): void {
    this.averageMs = this.averageMs === undefined ? ms : this.averageMs + (ms - this.averageMs) * NEWEST;
  }

  destroy(): void {
    free(this.#block, this.#byteLength);
  }
}

/** The functions that a pool has been given, each encoded once. */
export class FunctionBook {
  readonly #known = new Map<AnyFunction, TaskFunction>();
  #last: AnyFunction | undefined;
  #lastEntry: TaskFunction | undefined;

  /** Throws TypeError for what cannot be a task, PicklingError for functions that workers could not find. */
  entry(f: AnyFunction): TaskFunction {
    if (f === this.#last && this.#lastEntry !== undefined) return this.#lastEntry;
    let entry = this.#known.get(f);
    if (entry === undefined) {
      checkFunction(f, 'a task');
      const { bytes, start, end } = encode(f, { root: 'function' });
      entry = new TaskFunction(nameOf(f), bytes.subarray(start, end), describeReference(referenceOf(f)));
      this.#known.set(f, entry);
    }
    this.#last = f;
    this.#lastEntry = entry;
    return entry;
  }

  destroy(): void {
    for (const entry of this.#known.values()) entry.destroy();
    this.#known.clear();
    this.#last = this.#lastEntry = undefined;
  }
}

/** Throws TypeError for what cannot be called, or not with any use; `role` is what it was meant to be. */
export function checkFunction(f: unknown, role: 'a task' | 'an initializer'): void {
  if (typeof f !== 'function') throw new TypeError(`${role} must be a function, not ${f === null ? 'null' : typeof f}`);
  const kind = Object.prototype.toString.call(f);
  const name = nameOf(f);
  if (kind === '[object GeneratorFunction]' || kind === '[object AsyncGeneratorFunction]') {
    throw new TypeError(
      `generator function '${name}' cannot be ${role}: calling it runs nothing, and its generator could not leave the ` +
        `worker. Return an array, or put items into a Queue as they come.`,
    );
  }
  if (/^class\b/.test(Function.prototype.toString.call(f))) {
    throw new TypeError(`class '${name}' cannot be ${role}: give a function that makes an instance and returns it`);
  }
}

/** The worker's side: functions by the place of their reference, imported once. */
export class FunctionCache {
  readonly #known = new Map<number, AnyFunction>();
  readonly #texts = new Map<AnyFunction, string>();
  #lastSegment = -1;
  #lastOffset = -1;
  #last: AnyFunction | undefined;

  /** `file:///…#name` of a function that has been loaded. */
  textOf(f: AnyFunction): string {
    return this.#texts.get(f) ?? '';
  }

  /** The function, if it has been imported before. */
  get(segmentId: number, offset: number): AnyFunction | undefined {
    if (segmentId === this.#lastSegment && offset === this.#lastOffset) return this.#last;
    const known = this.#known.get(keyOf(segmentId, offset));
    if (known !== undefined) this.#remember(segmentId, offset, known);
    return known;
  }

  /** Imports the function's module. Rejects with what the import threw, or UnpicklingError if it is not there. */
  async load(segmentId: number, offset: number): Promise<AnyFunction> {
    const block = blockAt(segmentId, offset);
    const { i32, u8 } = block.segment;
    const start = offset + LENGTHS_BYTES;
    const end = start + (i32[block.word] ?? 0);
    const f = await decodeAsync(u8, start, end);
    if (typeof f !== 'function') throw new ValueError(`a task's reference names no function here`);
    this.#known.set(keyOf(segmentId, offset), f as AnyFunction);
    this.#texts.set(f as AnyFunction, u8.toString('utf8', end, end + (i32[block.word + 1] ?? 0)));
    this.#remember(segmentId, offset, f as AnyFunction);
    return f as AnyFunction;
  }

  #remember(segmentId: number, offset: number, f: AnyFunction): void {
    this.#lastSegment = segmentId;
    this.#lastOffset = offset;
    this.#last = f;
  }
}

/** Offsets within a segment stay below 2^32, and their product with a segment's number below 2^53. */
const keyOf = (segmentId: number, offset: number): number => segmentId * 2 ** 32 + offset;
