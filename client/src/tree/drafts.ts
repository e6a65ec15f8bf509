import type { PoolSnapshot, ProcessSnapshot, ProgramSnapshot } from 'manycore/inspect';
import type { CpuMeter } from './cpu.js';
import { isDead } from './history.js';
import type { Draft, ProcessRef } from './node.js';
import {
  endedBadly,
  poolLine,
  poolTooltip,
  processLine,
  processTooltip,
  programLabel,
  programLine,
  programTooltip,
  stateIcon,
} from './words.js';

/** More siblings than this hide behind a row that opens: a tree of ten thousand rows helps nobody. */
export const siblingsShown = 100;

/** A program as rows: program → process → pool → worker → current task. */
export function draftProgram(program: ProgramSnapshot, cpu: CpuMeter, now: number): Draft {
  return new ProgramDrafter(program, cpu, now).draft();
}

class ProgramDrafter {
  readonly #program: ProgramSnapshot;
  readonly #cpu: CpuMeter;
  readonly #now: number;
  /** Who holds a slot now. A remembered dead process may have held it before; what the slot owns is not its any more. */
  readonly #holders: ReadonlyMap<number, ProcessSnapshot>;

  constructor(program: ProgramSnapshot, cpu: CpuMeter, now: number) {
    this.#program = program;
    this.#cpu = cpu;
    this.#now = now;
    const byAge = [...program.processes].sort((a, b) => a.generation - b.generation);
    this.#holders = new Map(byAge.map(process => [process.slot, process]));
  }

  draft(): Draft {
    const { id, alive, processes } = this.#program;
    const living = processes.filter(process => !isDead(process)).length;
    const main = processes.find(process => process.kind === 'main');
    // Whoever has no parent in the table stands at the top: the main process, and orphans of a slot used again.
    const hasParent = (child: ProcessSnapshot) => processes.some(process => isChild(child, process));
    const top = processes.filter(process => process.kind === 'main' || !(hasParent(process) || this.#pooled(process)));
    const pools = this.#program.pools.filter(pool => !this.#holders.has(pool.ownerSlot));
    // A program that ended well folds up; one that lost a process on the way stays as it was, to be looked into.
    const folded = !alive && !processes.some(endedBadly);
    return {
      id: folded ? `${id}/ended` : id,
      kind: 'program',
      open: !folded,
      face: {
        label: programLabel(this.#program),
        description: programLine(this.#program, living),
        tooltip: programTooltip(this.#program),
        icon: alive ? { id: 'server-process' } : { id: 'server-process', color: 'disabledForeground' },
        context: alive ? 'program.alive' : 'program.dead',
      },
      ...(main ? { process: this.#ref(main) } : {}),
      target: this.#program.entry,
      children: shown(id, [...pools.map(pool => this.#pool(pool)), ...top.map(process => this.#process(process))]),
    };
  }

  #process(process: ProcessSnapshot): Draft {
    const id = this.#idOf(process);
    const kind = process.kind === 'worker' ? 'worker' : 'process';
    const state = isDead(process) ? 'dead' : 'alive';
    const task = isDead(process) ? [] : this.#tasks(id, process);
    return {
      id,
      kind,
      open: true,
      face: {
        label: process.name,
        description: processLine(process, this.#cpu.percent(id, process, this.#now)),
        tooltip: processTooltip(process),
        icon: stateIcon(process),
        context: `${kind}.${process.pid > 0 ? state : 'unborn'}${process.target ? '.target' : ''}`,
      },
      ...(process.pid > 0 ? { process: this.#ref(process) } : {}),
      target: process.target,
      children: shown(id, [...task, ...this.#below(process)]),
    };
  }

  /** Its pools, and the processes it started that serve none. */
  #below(parent: ProcessSnapshot): Draft[] {
    const children = this.#program.processes.filter(process => isChild(process, parent) && !this.#pooled(process));
    const pools = this.#program.pools.filter(pool => this.#holders.get(pool.ownerSlot) === parent);
    return [...children.map(process => this.#process(process)), ...pools.map(pool => this.#pool(pool))];
  }

  #pooled = (process: ProcessSnapshot) =>
    process.kind !== 'main' && this.#program.pools.some(pool => pool.id === process.poolId);

  #pool(pool: PoolSnapshot): Draft {
    const id = `${this.#program.id}/pool${pool.id}`;
    const workers = this.#program.processes.filter(process => process.poolId === pool.id && process.kind !== 'main');
    return {
      id,
      kind: 'pool',
      open: true,
      face: {
        label: pool.name,
        description: poolLine(pool),
        tooltip: poolTooltip(pool),
        icon: { id: 'layers', ...(pool.state === 'terminated' ? { color: 'disabledForeground' } : {}) },
        context: `pool.${pool.state}`,
      },
      children: shown(
        id,
        workers.map(worker => this.#process(worker)),
      ),
    };
  }

  /**
   * What it does now. A worker has this row also while it does nothing: rows that come and go every second would make
   * the tree jump. (An idle one still names its last task.)
   */
  #tasks(owner: string, process: ProcessSnapshot): Draft[] {
    const busy = process.task !== '' && process.state !== 'idle';
    if (!busy && process.kind !== 'worker') return [];
    const target = busy ? process.target : '';
    return [
      {
        id: `${owner}/task`,
        kind: 'task',
        open: false,
        face: {
          label: busy ? process.task : 'no task',
          description: '',
          tooltip: target,
          icon: busy ? { id: 'symbol-function' } : { id: 'dash', color: 'disabledForeground' },
          context: target ? 'task.target' : 'task',
        },
        target,
        children: [],
      },
    ];
  }

  #idOf = (process: ProcessSnapshot) => `${this.#program.id}/${process.slot}.${process.generation}`;

  #ref = ({ slot, generation, pid, startedAt }: ProcessSnapshot): ProcessRef => ({
    programDir: this.#program.dir,
    slot,
    generation,
    pid,
    startedAt,
  });
}

const isChild = (child: ProcessSnapshot, parent: ProcessSnapshot) =>
  child !== parent && child.kind !== 'main' && child.parentSlot === parent.slot && child.parentPid === parent.pid;

/** The first hundred, the living before the dead once there are more, and one row for the rest. */
function shown(owner: string, rows: Draft[]): Draft[] {
  if (rows.length <= siblingsShown) return rows;
  const dead = (row: Draft) => row.face.context.includes('.dead');
  const ordered = [...rows.filter(row => !dead(row)), ...rows.filter(dead)];
  const rest = ordered.slice(siblingsShown);
  const id = `${owner}/more`;
  const more: Draft = {
    id,
    kind: 'more',
    open: false,
    face: {
      label: `${rest.length} more`,
      description: '',
      tooltip: `${rest.length} more rows`,
      icon: { id: 'ellipsis' },
      context: 'more',
    },
    children: shown(id, rest),
  };
  return [...ordered.slice(0, siblingsShown), more];
}
