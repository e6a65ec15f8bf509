import { inspect } from 'node:util';
import { instant } from '../clock.js';
import { layout, ownerWord, program, selfSlot, slotWord, type OwnerWord } from '../memory/index.js';
import { quoted } from './current.js';
import { deadlineOf, type WaitOptions } from '../sync/waitOptions.js';

const { Slot } = layout;
const FIRST_LOOK = 5;
const LAST_LOOK = 200;

/** The process that started this one, as seen from here. */
export class ParentProcess {
  readonly name: string;
  readonly pid: number;
  readonly #owner: OwnerWord;

  constructor(name: string, pid: number, owner: OwnerWord) {
    this.name = name;
    this.pid = pid;
    this.#owner = owner;
  }

  get ident(): number {
    return this.pid;
  }

  isAlive(): boolean {
    return !program().isDead(this.#owner);
  }

  /** Waits until the parent has ended; false when `timeout` milliseconds passed first. */
  async join(options: Omit<WaitOptions, 'block'> = {}): Promise<boolean> {
    options.signal?.throwIfAborted();
    const deadline = deadlineOf(options);
    // The system tells a parent of its child's end, never a child of its parent's: look, ever more rarely.
    const published = selfSlot.beginWait('process', this.#owner);
    try {
      for (let pause = FIRST_LOOK; this.isAlive(); pause = Math.min(pause * 1.5, LAST_LOOK)) {
        const left = deadline - instant();
        if (left <= 0) return false;
        await new Promise(resolve => setTimeout(resolve, Math.min(left, pause)));
        options.signal?.throwIfAborted();
      }
      return true;
    } finally {
      selfSlot.endWait(published);
    }
  }

  toString(): string {
    return `<_ParentProcess name=${quoted(this.name)} pid=${this.pid} ${this.isAlive() ? 'started' : 'stopped'}>`;
  }

  [inspect.custom](): string {
    return this.toString();
  }
}

let parent: ParentProcess | null = null;

/** For the child's bootstrap. */
export function rememberParent(name: string): void {
  const { table, slot } = program();
  const base = slotWord(slot);
  const owner = ownerWord(table.i32[base + Slot.parentSlot_W] ?? 0, table.i32[base + Slot.parentGeneration_W] ?? 0);
  parent = new ParentProcess(name, table.i32[base + Slot.parentPid_W] ?? 0, owner);
}

/** The process that started this one; null in the main process (Python: `multiprocessing.parent_process`). */
export function parentProcess(): ParentProcess | null {
  return parent;
}
