/** What every contestant runs: nothing, so that only the pool is measured. */
export const same = x => x;
export const sameEach = xs => xs.map(same);
export default same;

/** Milliseconds of a processor: for how near to linear two workers come. */
export function busy(rounds) {
  let x = 1;
  for (let i = 0; i < rounds; i++) x = Math.imul(x, 1664525) + 1013904223;
  return x;
}
