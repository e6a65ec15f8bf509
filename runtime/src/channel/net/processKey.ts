import { RuntimeError } from '../../errors.js';

let get: (() => Uint8Array) | undefined;

/** The layer that knows processes says what the key of this one is. */
export function provideProcessKey(getKey: () => Uint8Array): void {
  get = getKey;
}

/**
 * The key given by a user: bytes, `true` for that of this process (which its children inherit), or nothing for no
 * authentication. No bytes at all are a key like any other. Throws TypeError for anything else.
 */
export function keyOf(authKey: Uint8Array | boolean | null | undefined): Uint8Array | undefined {
  if (authKey === undefined || authKey === null || authKey === false) return undefined;
  if (authKey instanceof Uint8Array) return Uint8Array.from(authKey);
  if ((authKey as unknown) !== true) throw new TypeError(`authKey should be a Uint8Array, not ${typeof authKey}`);
  if (get === undefined) throw new RuntimeError('this process has no key');
  return get();
}
