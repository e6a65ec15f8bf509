/**
 * Why a value cannot travel, before it is known where in the message it sits. `encode` turns it into a `PicklingError`
 * that names the property path; nobody outside this folder sees one.
 */
export class Refusal extends Error {
  /** What the value is, ready to follow "it is": `a net.Socket`. */
  readonly what: string;
  /** Why that cannot be sent; empty when `what` says it all. */
  readonly why: string;
  /** What to do instead, a sentence. */
  readonly mend: string;
  /** The whole message is too much: no part of it is to blame. */
  readonly ofWhole: boolean = false;

  constructor(what: string, why: string, mend: string, options?: ErrorOptions) {
    super(`${what}${why === '' ? '' : `: ${why}`}`, options);
    this.what = what;
    this.why = why;
    this.mend = mend;
  }
}

/** Too deep, too large, too many. */
export class Limit extends Refusal {
  override readonly ofWhole = true;
}
