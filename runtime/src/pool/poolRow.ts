import { layout, ownerWord, program, type Segment } from '../memory/index.js';

const { POOLS_START_B, POOL_ROWS, PoolRowState, Row, ROW_BYTES } = layout;

/** What a reader of the process table gets to know of a pool. Counts are calls of functions, not messages. */
export interface PoolFigures {
  workers: number;
  queued: number;
  running: number;
  submitted: number;
  done: number;
  failed: number;
}

/** A call that counts its inputs. */
export interface Counting {
  readonly done: number;
  /** Undefined while nobody knows. */
  readonly total: number | undefined;
}

/** A pool's row in the process table: plain stores by its owner alone. A table without a free row does no harm. */
export class PoolRow {
  readonly id = program().nextObjectId();
  readonly name: string;
  readonly #table: Segment = program().table;
  readonly #at: number;
  readonly #counting = new Set<Counting>();

  constructor(name: string, size: number) {
    this.name = name === '' ? `Pool-${this.id}` : name;
    this.#at = claimRow(this.id);
    if (this.#at < 0) return;
    const { i32, u8 } = this.#table;
    i32.fill(0, this.#at + 1, this.#at + ROW_BYTES / 4);
    i32[this.#at + Row.ownerSlot_W] = program().slot;
    i32[this.#at + Row.ownerGeneration_W] = program().generation;
    i32[this.#at + Row.size_W] = size;
    layout.writeText(u8, this.#at * 4 + Row.name_B, Row.nameBytes, this.name);
    this.setState('running');
  }

  setState(state: keyof typeof PoolRowState): void {
    if (this.#at >= 0) this.#table.i32[this.#at + Row.state_W] = PoolRowState[state];
  }

  /** The call counts from now on until the answered function is called. Only a reader of the table hears of it. */
  count(call: Counting): () => void {
    this.#counting.add(call);
    return () => {
      if (this.#counting.delete(call)) this.#writeProgress();
    };
  }

  write(figures: PoolFigures): void {
    const at = this.#at;
    if (at < 0) return;
    const { i32 } = this.#table;
    i32[at + Row.workers_W] = figures.workers;
    i32[at + Row.queued_W] = figures.queued;
    i32[at + Row.running_W] = figures.running;
    i32[at + Row.submitted_W] = figures.submitted;
    i32[at + Row.done_W] = figures.done;
    i32[at + Row.failed_W] = figures.failed;
    this.#writeProgress();
  }

  #writeProgress(): void {
    // After its end the row may be another pool's.
    if (this.#at < 0 || this.#table.i32[this.#at + Row.id_W] !== this.id) return;
    let [done, total] = [0, 0];
    for (const call of this.#counting) {
      done += call.done;
      total += call.total ?? NaN;
    }
    const { i32 } = this.#table;
    i32[this.#at + Row.progressDone_W] = done;
    i32[this.#at + Row.progressTotal_W] = Number.isNaN(total) ? layout.UNKNOWN_TOTAL : total;
  }

  /** Gives the row back. */
  release(): void {
    if (this.#at >= 0) Atomics.store(this.#table.i32, this.#at + Row.id_W, 0);
  }
}

/** Word at which the row starts; -1 when all are taken by pools whose owners live. */
function claimRow(id: number): number {
  const { i32 } = program().table;
  for (const dead of [false, true]) {
    for (let row = 0; row < POOL_ROWS; row++) {
      const at = (POOLS_START_B + row * ROW_BYTES) >> 2;
      const holder = Atomics.load(i32, at + Row.id_W);
      if (holder !== 0 && !(dead && isDead(at))) continue;
      if (Atomics.compareExchange(i32, at + Row.id_W, holder, id) === holder) return at;
    }
  }
  return -1;
}

function isDead(at: number): boolean {
  const { i32 } = program().table;
  return program().isDead(ownerWord(i32[at + Row.ownerSlot_W] ?? 0, i32[at + Row.ownerGeneration_W] ?? 0));
}
