import fs from 'node:fs';
import { makeInput } from './mutate.js';
import { Random } from './random.js';
import type { Target } from './target.js';

export interface Limits {
  readonly seed: number;
  readonly seconds: number;
  readonly inputs: number;
}

export interface Outcome {
  readonly inputs: number;
  readonly seconds: number;
  readonly failure?: { readonly index: number; readonly hex: string; readonly error: string };
}

/** A single input may take so long, in milliseconds. */
const LONGEST = 1000;
/** Bytes that no series of small inputs may have come to hold. */
const MOST_MEMORY = 1024 ** 3;
const CHECK_EVERY = 128;

export const inputOf = (target: Target, seed: number, index: number): Buffer =>
  makeInput(Random.of(seed, index), target.corpus, target.longest ?? 4096);

/**
 * Feeds the target until time or inputs run out, or something fails. The number of the input is written to `progress`
 * before each, so that another process knows which one has crashed or hung this one.
 */
export async function fuzz(target: Target, { seed, seconds, inputs }: Limits, progress?: number): Promise<Outcome> {
  const started = performance.now();
  const prototypes = new Prototypes();
  const note = Buffer.alloc(4);
  let index = 0;
  const outcome = (failure?: unknown, input?: Buffer): Outcome => ({
    inputs: index,
    seconds: (performance.now() - started) / 1000,
    ...(failure === undefined || input === undefined
      ? {}
      : { failure: { index, hex: input.toString('hex'), error: describe(failure) } }),
  });
  for (; index < inputs; index++) {
    const before = performance.now();
    if (before - started > seconds * 1000) break;
    const input = inputOf(target, seed, index);
    if (progress !== undefined) {
      note.writeUInt32LE(index);
      fs.writeSync(progress, note, 0, 4, 0);
    }
    try {
      await attempt(target, input);
      if (performance.now() - before > LONGEST) await tryAgain(target, input);
      if (index % CHECK_EVERY === CHECK_EVERY - 1) {
        prototypes.check();
        checkMemory();
      }
    } catch (error) {
      const minimal = await minimise(input, candidate => failsAlike(target, candidate, error));
      return outcome(error, minimal);
    }
  }
  try {
    prototypes.check();
  } catch (error) {
    return outcome(error, Buffer.alloc(0));
  }
  return outcome();
}

/** Runs one input; in the same turn of the event loop where the target is synchronous. */
async function attempt(target: Target, input: Buffer): Promise<void> {
  const answer = target.run(input);
  if (answer !== undefined) await answer;
  target.check?.();
}

/** It took long: was that the input, or has the machine been busy with something else? */
async function tryAgain(target: Target, input: Buffer): Promise<void> {
  const before = process.cpuUsage();
  await attempt(target, input);
  const { user, system } = process.cpuUsage(before);
  const ms = Math.round((user + system) / 1000);
  if (ms > LONGEST) throw new Error(`took ${ms} ms of the processor, twice`);
}

async function failsAlike(target: Target, input: Buffer, like: unknown): Promise<boolean> {
  try {
    await attempt(target, input);
    return false;
  } catch (error) {
    return kindOf(error) === kindOf(like);
  }
}

const kindOf = (error: unknown): string => describe(error).split('\n')[0]?.replace(/\d+/g, '#') ?? '';

/** The shortest input found that still fails: parts are left out, the larger ones first. */
export async function minimise(
  input: Buffer,
  fails: (candidate: Buffer) => Promise<boolean>,
  tries = 2000,
): Promise<Buffer> {
  let best = input;
  for (let size = best.length >> 1; size >= 1; size >>= 1) {
    for (let at = 0; at + size <= best.length && tries > 0;) {
      const candidate = Buffer.concat([best.subarray(0, at), best.subarray(at + size)]);
      tries--;
      if (await fails(candidate)) best = candidate;
      else at += size;
    }
  }
  return best;
}

export function describe(error: unknown): string {
  return error instanceof Error ? (error.stack ?? String(error)) : String(error);
}

function checkMemory(): void {
  const { rss, arrayBuffers } = process.memoryUsage();
  if (Math.max(rss, arrayBuffers) > MOST_MEMORY) throw new Error(`small inputs made it hold ${rss} bytes`);
}

/** What everything inherits from must stay as it is. */
class Prototypes {
  readonly #before: readonly (readonly [object, string])[];

  constructor() {
    const objects: object[] = [globalThis];
    for (const Class of [
      Object,
      Array,
      Function,
      Map,
      Set,
      String,
      Number,
      Promise,
      Error,
      Date,
      RegExp,
      Uint8Array,
      URL,
    ])
      objects.push(Class.prototype, Class);
    this.#before = objects.map(object => [object, state(object)]);
  }

  check(): void {
    for (const [object, before] of this.#before) {
      const now = state(object);
      if (now === before) continue;
      const keys = new Set(before.split(','));
      const added = now.split(',').filter(key => !keys.has(key));
      throw new Error(`polluted: ${added.join() || 'something is gone'}`);
    }
  }
}

function state(object: object): string {
  const prototype: unknown = Object.getPrototypeOf(object);
  const inherits =
    typeof prototype === 'object' && prototype !== null ? Reflect.ownKeys(prototype).length : typeof prototype;
  // Node notes on the global object, by symbols, what of it has been loaded.
  const keys = object === globalThis ? Object.getOwnPropertyNames(object) : Reflect.ownKeys(object);
  return [inherits, ...keys].map(String).join();
}
