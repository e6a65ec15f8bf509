/** So many calls may succeed at once before one of them lets the event loop turn. */
const AT_A_STRETCH = 512;

let stretch = 0;

/**
 * A promise of `value` for a call that did not have to wait. Promises alone never let timers, signals and other
 * connections have a turn, so a loop that awaits them would starve everything else as long as there is data.
 */
export function breathe<T>(value: T): Promise<T> {
  if (++stretch < AT_A_STRETCH) return Promise.resolve(value);
  stretch = 0;
  return new Promise(resolve => setImmediate(resolve, value));
}
