import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';

/** Undefined of none. */
export const oneOf = <T>(all: readonly T[], rnd: () => number): T | undefined => all[Math.floor(rnd() * all.length)];

/** What may come of a call, by the name of its error; `done` is a right answer. */
export type Fate =
  'done' | 'WorkerLostError' | 'BrokenPoolError' | 'PoolTerminatedError' | 'TimeoutError' | 'AbortError';

/**
 * The books of a storm: every call has one answer, of a kind that is allowed for it, and nothing was started twice. What
 * a call does is to note its number in the journal.
 */
export class Account {
  readonly journal: string;
  readonly failures: string[] = [];
  readonly fates = new Map<Fate, number>();
  /** Calls made, and answered in whatever way. */
  calls = 0;
  answered = 0;
  readonly #dir = fs.mkdtempSync(path.join(os.tmpdir(), 'manycore-storm-'));
  readonly #doneNumbers = new Set<number>();

  constructor() {
    this.journal = path.join(this.#dir, 'journal');
    fs.writeFileSync(this.journal, '');
  }

  get open(): number {
    return this.calls - this.answered;
  }

  /** It has failed, and is being brought to its end. */
  isSpoiled = false;

  fail(what: string): void {
    if (this.failures.length < 20 && !this.isSpoiled) this.failures.push(what);
  }

  count(fate: Fate): number {
    return this.fates.get(fate) ?? 0;
  }

  /** The number of one more call. */
  next(): number {
    return this.calls++;
  }

  /** The answer to call `n` may come to one of these fates, and if it is done, must be right. */
  async settle(
    n: number,
    answer: Promise<unknown>,
    allowed: readonly Fate[],
    isRight: (value: unknown) => boolean,
  ): Promise<void> {
    let fate: Fate = 'done';
    try {
      const value = await answer;
      if (isRight(value)) this.#doneNumbers.add(n);
      else this.fail(`call ${n} got ${JSON.stringify(value)?.slice(0, 80)}`);
    } catch (error) {
      fate = (error as Error).name as Fate;
      if (!allowed.includes(fate)) this.fail(`call ${n}: ${String(error)}`);
    }
    if (fate === 'done' && !allowed.includes('done')) this.fail(`call ${n} was answered`);
    this.fates.set(fate, this.count(fate) + 1);
    this.answered++;
  }

  /** Closes the books: what was started twice, or done without having been started. */
  close(): void {
    const started = new Map<number, number>();
    const bytes = fs.readFileSync(this.journal);
    for (let at = 0; at + 4 <= bytes.length; at += 4) {
      const n = bytes.readInt32LE(at);
      started.set(n, (started.get(n) ?? 0) + 1);
    }
    for (const [n, times] of started) if (times > 1) this.fail(`call ${n} was started ${times} times`);
    if (started.size > 0) for (const n of this.#doneNumbers) if (!started.has(n)) this.fail(`call ${n} never ran`);
    if (this.open > 0) this.fail(`${this.open} calls were never answered`);
    fs.rmSync(this.#dir, { recursive: true, force: true });
  }

  /** `12 calls: 10 done, 2 WorkerLostError`. */
  toString(): string {
    const fates = [...this.fates].map(([fate, count]) => `${count} ${fate}`);
    return `${this.calls} calls: ${fates.join(', ')}`;
  }
}
