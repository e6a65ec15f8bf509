import { LONGEST_TIMER } from '../clock.js';

/** Keeps the process running exactly while somebody says so: no worker's handle does, since workers are daemons. */
export class KeepAlive {
  #timer: NodeJS.Timeout | undefined;
  #held = false;

  set(held: boolean): void {
    if (held === this.#held) return;
    this.#held = held;
    this.#timer ??= setInterval(() => undefined, LONGEST_TIMER);
    if (held) this.#timer.ref();
    else this.#timer.unref();
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.#held = false;
  }
}
