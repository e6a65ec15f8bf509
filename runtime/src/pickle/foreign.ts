/** Messages between programs that do not share memory, and need not trust each other beyond what they agreed on. */
import { encodeToBuffer } from './encode.js';
import { decode, decodeAsync, decodeSync, type DecodeOptions } from './decode.js';
import { ForeignPolicy, type AllowModules } from './foreign-policy.js';

export interface ForeignEncodeOptions {
  /** What messages call the value; `value` by default. */
  readonly root?: string;
  /** How deep objects may be nested; 1,000 by default. */
  readonly maxDepth?: number;
  /** The message's largest size in bytes; 2^31-1 by default. */
  readonly maxBytes?: number;
}

export interface ForeignDecodeOptions {
  /** Modules that messages may name besides those of the default policy; a `ForeignPolicy` to use again and again. */
  readonly allowModules?: AllowModules | ForeignPolicy;
  /** How deep the value may be nested; 1,100 by default. */
  readonly maxDepth?: number;
}

/**
 * A value as bytes that mean the same to any program of this version of the library: they hold all they need. They are
 * the caller's to keep. Throws `PicklingError`, as `encode` does, and for objects that live in this program's shared
 * memory (locks, queues, connections, …), with the property path.
 */
export function encodeForeign(value: unknown, options: ForeignEncodeOptions = {}): Buffer {
  return encodeToBuffer(value, { ...options, foreign: true });
}

/**
 * The value of a message of another program in `bytes[start … end)`. Copies what it keeps. Throws `UnpicklingError` for
 * bytes that are no such message, and for functions and classes that the policy does not let it name; `NeedsModules` when
 * it names modules that it may but that are not loaded.
 */
export function decodeForeign(
  bytes: Uint8Array,
  start?: number,
  end?: number,
  options?: ForeignDecodeOptions,
): unknown {
  return decode(bytes, start, end, decodeOptions(options));
}

/** As `decodeForeign`; loads the modules that the message names, and may name, with `require` where it can. */
export function decodeForeignSync(
  bytes: Uint8Array,
  start?: number,
  end?: number,
  options?: ForeignDecodeOptions,
): unknown {
  return decodeSync(bytes, start, end, decodeOptions(options));
}

/**
 * As `decodeForeign`; imports the modules that the message names, and may name. The bytes may be reused as soon as it
 * returns its promise. Refuses objects with a `then` method, which a promise would call.
 */
export async function decodeForeignAsync(
  bytes: Uint8Array,
  start?: number,
  end?: number,
  options?: ForeignDecodeOptions,
): Promise<unknown> {
  return decodeAsync(bytes, start, end, decodeOptions(options));
}

const standard = new ForeignPolicy();
const strict: DecodeOptions = { foreign: standard.check };

function decodeOptions(options: ForeignDecodeOptions | undefined): DecodeOptions {
  if (options === undefined) return strict;
  const { allowModules, maxDepth } = options;
  const policy =
    allowModules === undefined
      ? standard
      : allowModules instanceof ForeignPolicy
        ? allowModules
        : new ForeignPolicy(allowModules);
  return { foreign: policy.check, ...(maxDepth === undefined ? {} : { maxDepth }) };
}
