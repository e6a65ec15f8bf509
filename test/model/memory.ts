import type { Operation } from './world.js';

/** Stands for a view of shared memory: what is read and written through it are operations of the process. */
interface View {
  readonly length: number;
  subarray(start: number, end?: number): View;
  set(source: ArrayLike<number>, at?: number): void;
  copy(target: Uint8Array, at: number, from: number, to: number): number;
}

const WORDS = 2 ** 20;

/**
 * The simulated words as the runtime's views of a segment, by words and by bytes. A plain store is a step that others
 * may see and behind which the process may die; a plain load goes with the step before it, since what is loaded so
 * belongs to whoever has the lock. A byte is stored by storing its word.
 */
export function sharedViews(operate: (operation: Operation) => number): { i32: View; u8: View } {
  const loadWord = (at: number): number => operate({ kind: 'plainLoad', at });
  const storeWord = (at: number, value: number): void => {
    operate({ kind: 'word', name: 'plainStore', args: [at, value | 0] });
  };
  const loadByte = (at: number): number => (loadWord(at >> 2) >>> ((at & 3) * 8)) & 0xff;
  const storeByte = (at: number, value: number): void => {
    const shift = (at & 3) * 8;
    storeWord(at >> 2, (loadWord(at >> 2) & ~(0xff << shift)) | ((value & 0xff) << shift));
  };
  return { i32: view(0, WORDS, loadWord, storeWord), u8: view(0, WORDS * 4, loadByte, storeByte) };
}

function view(
  start: number,
  length: number,
  load: (at: number) => number,
  store: (at: number, value: number) => void,
): View {
  const methods: View = {
    length,
    subarray: (from, to = length) => view(start + from, to - from, load, store),
    set(source, at = 0) {
      for (let i = 0; i < source.length; i++) store(start + at + i, source[i] ?? 0);
    },
    copy(target, at, from, to) {
      for (let i = from; i < to; i++) target[at + i - from] = load(start + i);
      return to - from;
    },
  };
  return new Proxy(methods, {
    get: (target, key) => {
      const at = indexOf(key);
      return at === undefined ? (Reflect.get(target, key) as unknown) : load(start + at);
    },
    set(_, key, value) {
      const at = indexOf(key);
      if (at === undefined) throw new Error(`${String(key)} of shared memory is not modelled`);
      store(start + at, Number(value));
      return true;
    },
  });
}

function indexOf(key: string | symbol): number | undefined {
  if (typeof key !== 'string') return undefined;
  const first = key.charCodeAt(0);
  return first >= 48 && first <= 57 ? Number(key) : undefined;
}
