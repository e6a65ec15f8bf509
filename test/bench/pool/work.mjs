/** What every contestant runs: nothing, so that only the pool is measured. */
export const same = x => x;
export const sameEach = xs => xs.map(same);
export default same;
