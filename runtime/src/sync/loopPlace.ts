/** Somebody of this process who waits in the event loop. */
export interface Waiter {
  /** Whether a pending wait keeps the process alive. */
  readonly keepsAlive: boolean;
  /** Whether an attempt that fails says that those of the others at the place, of whom the same is true, would too. */
  readonly alike: boolean;
  /** Whether one that gets what it waits for shuts all of these others out. */
  readonly exclusive: boolean;
  /** Tries again; `overdue` also asks whether those who should bring the change are still alive. */
  attempt(overdue: boolean): Outcome;
}

/** `served`: it got what it waited for; `over`: it has failed for good. Either way it waits no more. */
export type Outcome = 'waiting' | 'served' | 'over';

/** What the shared object tells of a place. */
export interface Watch {
  /**
   * Says at the shared object that this process wants to be rung; false only when that was still said, and so no
   * change can have been made without telling it.
   */
  register(): boolean;
  /** Whether something may have changed since it was last asked. */
  changed(): boolean;
}

interface Link {
  readonly waiter: Waiter;
  before: Link | undefined;
  after: Link | undefined;
}

/**
 * Those who wait at one place in the event loop of this process, in the order in which they came. A change at the place
 * is tried by as few of them as can be sure for all: thousands of tasks that wait for one lock cost what one does.
 */
export class LoopPlace {
  readonly #watch: Watch;
  readonly #links = new Map<Waiter, Link>();
  #first: Link | undefined;
  #last: Link | undefined;
  #others = 0;
  #holding = 0;

  constructor(watch: Watch) {
    this.#watch = watch;
  }

  get isEmpty(): boolean {
    return this.#first === undefined;
  }

  /** Whether somebody waits here who keeps the process alive. */
  get holdsProcess(): boolean {
    return this.#holding > 0;
  }

  add(waiter: Waiter): void {
    const link: Link = { waiter, before: this.#last, after: undefined };
    if (this.#last === undefined) this.#first = link;
    else this.#last.after = link;
    this.#last = link;
    this.#links.set(waiter, link);
    if (!waiter.alike) this.#others++;
    if (waiter.keepsAlive) this.#holding++;
  }

  remove(waiter: Waiter): void {
    const link = this.#links.get(waiter);
    if (link === undefined) return;
    this.#links.delete(waiter);
    if (link.before === undefined) this.#first = link.after;
    else link.before.after = link.after;
    if (link.after === undefined) this.#last = link.before;
    else link.after.before = link.before;
    if (!waiter.alike) this.#others--;
    if (waiter.keepsAlive) this.#holding--;
  }

  /** Registers this process at the place; true when changes may have been made meanwhile without telling it. */
  register(): boolean {
    return this.#watch.register();
  }

  /** Has those try who may have become able to. `force`: even if nothing seems to have changed. */
  look(force: boolean, overdue: boolean): void {
    if (!this.#watch.changed() && !force) return;
    let inVain = false;
    for (let link = this.#first; link !== undefined; link = link.after) {
      const { waiter } = link;
      if (inVain && waiter.alike) continue;
      const outcome = waiter.attempt(overdue);
      if (outcome !== 'waiting') this.remove(waiter);
      inVain ||= waiter.alike && (outcome === 'waiting' || (outcome === 'served' && waiter.exclusive));
      if (inVain && this.#others === 0) return;
    }
  }
}
