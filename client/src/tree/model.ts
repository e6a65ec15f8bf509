import type { ProgramSnapshot } from 'manycore/inspect';
import { CpuMeter } from './cpu.js';
import { draftProgram } from './drafts.js';
import { History } from './history.js';
import type { TreeNode } from './node.js';
import { reconcile, type Changes } from './reconcile.js';

/**
 * The Processes tree without the editor: takes in what the process tables say, remembers the dead, and tells which rows
 * have to be drawn again.
 */
export class ProcessModel {
  readonly #history = new History();
  readonly #cpu = new CpuMeter();
  #snapshots: readonly ProgramSnapshot[] = [];
  #roots: TreeNode[] = [];

  get roots(): readonly TreeNode[] {
    return this.#roots;
  }

  /** Takes in what the tables say now (`now` in epoch milliseconds). */
  update(snapshots: readonly ProgramSnapshot[], now: number = Date.now()): Changes {
    this.#snapshots = snapshots;
    const programs = this.#history.merge(snapshots, now);
    const drafts = programs
      .sort((a, b) => a.startedAt - b.startedAt || a.id.localeCompare(b.id))
      .map(program => draftProgram(program, this.#cpu, now));
    this.#cpu.turn();
    const { rows, changes } = reconcile(this.#roots, drafts, null);
    this.#roots = rows;
    return changes;
  }

  /** Forgets the dead. The tables are not touched: they belong to the programs. */
  clearDead(now: number = Date.now()): Changes {
    this.#history.clearDead();
    return this.update(this.#snapshots, now);
  }

  /** Every row, parents before their children. */
  *rows(from: readonly TreeNode[] = this.#roots): Generator<TreeNode> {
    for (const node of from) {
      yield node;
      yield* this.rows(node.children);
    }
  }
}
