/** What can be given up when the file system of shared memory is full; each answers whether it gave anything. */
const reserves: (() => boolean)[] = [];

/**
 * Registers something that keeps shared memory in reserve: `release` is called when a segment cannot be made for want
 * of room, gives up what it can, and answers whether there is more room now. It may be called at any allocation, so it
 * must not allocate, and must not touch what its caller may be in the middle of.
 */
export function whenShortOfMemory(release: () => boolean): void {
  reserves.push(release);
}

let sweep: (urgent: boolean) => void = () => undefined;

/** For the one that knows what the dead held: called before more memory is taken. */
export function whenTakingMore(act: (urgent: boolean) => void): void {
  sweep = act;
}

/** More memory is about to be taken: what nobody holds any more may do instead. */
export function takingMore(): void {
  sweep(false);
}

/** Gives up all reserves; false when there were none. */
export function giveUpReserves(): boolean {
  sweep(true);
  let gave = false;
  for (const release of reserves) if (release()) gave = true;
  return gave;
}
