/** So many calls may settle at once before one of them lets the event loop turn. */
const AT_A_STRETCH = 512;

let stretch = 0;

const isDue = (): boolean => {
  if (++stretch < AT_A_STRETCH) return false;
  stretch = 0;
  return true;
};

/**
 * A promise of `value` for a call that did not have to wait. Promises alone never let timers, signals, other
 * connections and what was put before have a turn, so a loop that awaits them would starve everything else: for as long
 * as there is data, or, where it looks again and again for something, for ever. `now` may be given where there is such a
 * promise already.
 */
export function breathe<T>(value: T, now?: Promise<T>): Promise<T> {
  if (!isDue()) return now ?? Promise.resolve(value);
  return new Promise(resolve => setImmediate(resolve, value));
}

/** The same for a call that fails at once. */
export function breatheOut(error: Error): Promise<never> {
  if (!isDue()) return Promise.reject(error);
  return new Promise((_resolve, reject) => setImmediate(reject, error));
}
