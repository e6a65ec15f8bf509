import type { PoolSnapshot, ProcessSnapshot, ProgramSnapshot } from 'manycore/inspect';
import type { TreeNode } from '../../client/src/tree/node.js';

/** When every program of these tests began. */
export const began = Date.UTC(2024, 0, 1);

export const process = (slot: number, rest: Partial<ProcessSnapshot> = {}): ProcessSnapshot => ({
  slot,
  generation: 1,
  pid: 100 + slot,
  parentPid: slot === 0 ? 1 : 100,
  parentSlot: slot === 0 ? -1 : 0,
  name: slot === 0 ? 'MainProcess' : `Process-${slot}`,
  kind: slot === 0 ? 'main' : 'process',
  state: 'running',
  daemon: false,
  poolId: 0,
  target: '',
  task: '',
  tasksDone: 0,
  tasksFailed: 0,
  busyMs: 0,
  waitingFor: null,
  exitCode: null,
  signal: null,
  inspector: '',
  stderrTail: '',
  startedAt: began,
  endedAt: null,
  rssBytes: null,
  cpuMs: null,
  ...rest,
});

export const worker = (slot: number, rest: Partial<ProcessSnapshot> = {}) =>
  process(slot, { kind: 'worker', poolId: 1, name: `PoolWorker-${slot}`, state: 'idle', daemon: true, ...rest });

export const pool = (rest: Partial<PoolSnapshot> = {}): PoolSnapshot => ({
  id: 1,
  name: 'Pool-1',
  ownerSlot: 0,
  size: 2,
  workers: 2,
  queued: 0,
  running: 0,
  submitted: 0,
  done: 0,
  failed: 0,
  progress: null,
  state: 'running',
  ...rest,
});

export const program = (processes: ProcessSnapshot[], rest: Partial<ProgramSnapshot> = {}): ProgramSnapshot => ({
  id: 'p1',
  dir: '/nowhere/p1',
  mainPid: 100,
  alive: true,
  entry: '/home/ada/count.ts',
  cwd: '/home/ada',
  argv: [],
  nodeVersion: '24.0.0',
  version: '0.1.0',
  startedAt: began,
  processes,
  pools: [],
  queues: [],
  ...rest,
});

/** A tree as text: one row a line, two spaces a level. */
export const drawn = (rows: readonly TreeNode[], level = 0): string =>
  rows
    .map(
      ({ face, children }) =>
        `${'  '.repeat(level)}${face.label}${face.description && ` [${face.description}]`}\n${drawn(children, level + 1)}`,
    )
    .join('');
