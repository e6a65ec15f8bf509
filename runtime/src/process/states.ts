/** Where a process object is in its life; the words are the ones its printed form shows. */
export type LifeState = 'initial' | 'started' | 'stopped' | 'closed';

const NEXT: Readonly<Record<LifeState, readonly LifeState[]>> = {
  initial: ['started', 'closed'],
  started: ['stopped', 'closed'],
  stopped: ['closed'],
  closed: [],
};

/** The life of one process object: only the moves listed above are possible. */
export class Life {
  #state: LifeState;

  constructor(state: LifeState = 'initial') {
    this.#state = state;
  }

  get state(): LifeState {
    return this.#state;
  }

  moveTo(next: LifeState): void {
    if (!NEXT[this.#state].includes(next)) throw new Error(`a process cannot go from ${this.#state} to ${next}`);
    this.#state = next;
  }
}
