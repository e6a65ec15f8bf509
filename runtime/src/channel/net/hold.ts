/** What can hold the process up: a socket, a server. */
interface Holding {
  ref(): unknown;
  unref(): unknown;
}

/** Keeps the process alive exactly while something is waited for, however many calls wait. */
export class Hold {
  readonly #handle: Holding;
  #count = 0;
  #isQuiet = false;

  constructor(handle: Holding) {
    this.#handle = handle;
    handle.unref();
  }

  /** While quiet, it holds nothing up whoever waits. */
  set isQuiet(isQuiet: boolean) {
    this.#isQuiet = isQuiet;
    this.#settle();
  }

  acquire(): void {
    if (this.#count++ === 0) this.#settle();
  }

  release(): void {
    if (--this.#count === 0) this.#settle();
  }

  #settle(): void {
    if (this.#count > 0 && !this.#isQuiet) this.#handle.ref();
    else this.#handle.unref();
  }
}
