import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { PoolSnapshot, ProcessSnapshot, ProcessState, ProgramSnapshot, QueueSnapshot } from '../inspect/types.js';
import { line, table, type Cell, type Column, type Page } from './columns.js';
import { duration, grouped, plain, size, type Style } from './text.js';

/** What share of a core a process uses, 0 to 1; undefined when nobody knows. */
export type Share = (program: ProgramSnapshot, process: ProcessSnapshot) => number | undefined;

const STYLES: Readonly<Record<ProcessState, Style | undefined>> = {
  starting: 'cyan',
  spare: 'dim',
  running: undefined,
  idle: 'dim',
  busy: 'green',
  waiting: 'yellow',
  exited: 'dim',
  died: 'red',
};

const PROCESS: readonly Column[] = [
  { title: 'PROCESS', most: 40 },
  { title: 'KIND', spare: 2 },
  { title: 'STATE' },
  { title: 'PID', align: 'right' },
  { title: 'CPU', align: 'right' },
  { title: 'TIME', align: 'right', spare: 1 },
  { title: 'MEMORY', align: 'right', spare: 3 },
  { title: 'DONE', align: 'right', spare: 4 },
  { title: 'FAILED', align: 'right', spare: 5 },
  { title: 'DOES' },
];

const POOL: readonly Column[] = [
  { title: 'POOL', most: 40 },
  { title: 'STATE' },
  ...['WORKERS', 'RUNNING', 'QUEUED', 'SUBMITTED', 'DONE', 'FAILED'].map(
    title => ({ title, align: 'right' }) satisfies Column,
  ),
  { title: 'PROGRESS' },
  { title: 'OWNER', most: 40 },
];

const QUEUE: readonly Column[] = [
  { title: 'QUEUE', most: 40 },
  { title: 'DEPTH', align: 'right' },
  { title: 'OWNER', most: 40 },
];

/** A process keeps its place in the table when it has ended: so many of them are shown, the latest. */
const ENDED = 10;

export const hasEnded = ({ state }: ProcessSnapshot): boolean => state === 'exited' || state === 'died';

/** One program: a line about it, its processes as a tree, its pools and queues; `all`: and all that have ended. */
export function view(program: ProgramSnapshot, share: Share, now: number, page: Page, all = false): string[] {
  const { entry, mainPid, startedAt, nodeVersion, alive, pools, queues } = program;
  const shown = all ? program.processes : withoutOldEnds(program.processes);
  const hidden = program.processes.length - shown.length;
  const about = `pid ${mainPid}  ${alive ? `for ${duration(now - startedAt)}` : 'ended'}  Node ${plain(nodeVersion)}`;
  const head: Cell[] = [
    { text: plain(entry) || '(no file)', style: 'bold' },
    { text: about, style: 'dim' },
  ];
  const indented = { ...page, width: page.width - 2 };
  const rows = tree(shown).map(([branch, process]) => processRow(branch, process, program, share, now));
  const owner = (slot: number): Cell => ({
    text: plain(program.processes.find(process => process.slot === slot)?.name ?? ''),
  });
  return [
    line(head, page),
    ...[
      ...table(PROCESS, rows, indented),
      ...(hidden === 0
        ? []
        : [line([{ text: `… and ${hidden} more that have ended: --all`, style: 'dim' }], indented)]),
      ...(pools.length === 0 ? [] : table(POOL, pools.map(pool => poolRow(pool, owner)), indented)), // prettier-ignore
      ...(queues.length === 0 ? [] : table(QUEUE, queues.map(queue => queueRow(queue, owner)), indented)), // prettier-ignore
    ].map(text => `  ${text}`),
  ];
}

/** All that run and who started them, and the latest of the others. */
function withoutOldEnds(processes: readonly ProcessSnapshot[]): readonly ProcessSnapshot[] {
  const kept = new Set<ProcessSnapshot>();
  const keep = (process: ProcessSnapshot | undefined): void => {
    if (process === undefined || kept.has(process)) return;
    kept.add(process);
    keep(parentOf(process, processes));
  };
  const ended = processes.filter(hasEnded).sort((a, b) => (b.endedAt ?? b.startedAt) - (a.endedAt ?? a.startedAt));
  for (const process of [...processes.filter(one => !hasEnded(one)), ...ended.slice(0, ENDED)]) keep(process);
  return processes.filter(process => kept.has(process));
}

/** The processes below who started them, each with its branch; whose parent is not there any more is at the top. */
export function tree(processes: readonly ProcessSnapshot[]): [string, ProcessSnapshot][] {
  const below = new Map<ProcessSnapshot | undefined, ProcessSnapshot[]>();
  for (const process of processes) {
    const parent = parentOf(process, processes);
    below.set(parent, [...(below.get(parent) ?? []), process]);
  }
  const rows: [string, ProcessSnapshot][] = [];
  // What a writer left half written may make a circle: it is met once, or not at all.
  const met = new Set<ProcessSnapshot>();
  const add = (process: ProcessSnapshot, own: string, further: string): void => {
    if (met.has(process)) return;
    met.add(process);
    rows.push([own, process]);
    const children = below.get(process) ?? [];
    for (const [at, child] of children.entries()) {
      const isLast = at === children.length - 1;
      add(child, `${further}${isLast ? '└─ ' : '├─ '}`, `${further}${isLast ? '   ' : '│  '}`);
    }
  };
  for (const process of below.get(undefined) ?? []) add(process, '', '');
  for (const process of processes) add(process, '', '');
  return rows;
}

/** Who started a process, as long as its slot has not gone to another one. */
export function parentOf(
  { slot, kind, parentSlot, parentPid }: ProcessSnapshot,
  processes: readonly ProcessSnapshot[],
): ProcessSnapshot | undefined {
  if (kind === 'main') return undefined;
  return processes.find(other => other.slot === parentSlot && other.pid === parentPid && other.slot !== slot);
}

function processRow(
  branch: string,
  process: ProcessSnapshot,
  program: ProgramSnapshot,
  share: Share,
  now: number,
): Cell[] {
  const { name, kind, state, pid, cpuMs, rssBytes, tasksDone, tasksFailed } = process;
  const used = share(program, process);
  const counts = kind === 'worker' || tasksDone > 0;
  return [
    { text: branch + plain(name) },
    { text: kind },
    { text: state, style: STYLES[state] },
    { text: String(pid) },
    { text: used === undefined ? '' : `${(used * 100).toFixed(0)} %` },
    { text: cpuMs === null ? '' : duration(cpuMs) },
    { text: rssBytes === null ? '' : size(rssBytes) },
    { text: counts ? String(tasksDone) : '' },
    { text: counts ? String(tasksFailed) : '', style: tasksFailed > 0 ? 'red' : undefined },
    { text: does(process, now), style: state === 'died' ? 'red' : state === 'waiting' ? 'yellow' : undefined },
  ];
}

/** How it ended, what it waits for, and what it runs. */
export function does(process: ProcessSnapshot, now: number): string {
  const { task, target, waitingFor } = process;
  if (hasEnded(process)) return ending(process);
  const runs = plain(task) || shortTarget(target);
  if (waitingFor === null) return runs;
  const { kind, name, sinceMs } = waitingFor;
  const words = kind.replace(/[A-Z]/g, letter => ` ${letter.toLowerCase()}`);
  const wait = `waits for ${words}${name === '' ? '' : ` ${plain(name)}`}, ${duration(now - sinceMs)}`;
  return runs === '' ? wait : `${wait}: ${runs}`;
}

function ending({ exitCode, signal, stderrTail }: ProcessSnapshot): string {
  const how = signal ?? (exitCode === null ? 'gone, nobody saw how' : `exit code ${exitCode}`);
  const lines = stderrTail.split('\n').filter(text => text.trim() !== '');
  // Of a stack, its error; of anything else, what was said last.
  const said =
    exitCode === 0 ? undefined : (lines.findLast(text => /^(\S*Error\b|Uncaught)/.test(text)) ?? lines.at(-1));
  return said === undefined ? how : `${how}: ${plain(said)}`;
}

/** `file:///home/me/work.js#resize` as `work.js#resize`. */
function shortTarget(target: string): string {
  const [url = '', name = ''] = target.split('#', 2);
  if (url === '') return '';
  let file = url;
  try {
    file = fileURLToPath(url);
  } catch {
    // no file: as it is
  }
  return plain(`${path.basename(file)}${name === '' ? '' : `#${name}`}`);
}

function poolRow(pool: PoolSnapshot, owner: (slot: number) => Cell): Cell[] {
  const { name, id, state, workers, size: wanted, running, queued, submitted, done, failed, ownerSlot } = pool;
  const numbers = [running, queued, submitted, done].map(value => ({ text: String(value) }));
  return [
    { text: plain(name) || `#${id}` },
    { text: state, style: state === 'running' ? undefined : 'dim' },
    { text: workers === wanted ? String(workers) : `${workers}/${wanted}` },
    ...numbers,
    { text: String(failed), style: failed > 0 ? 'red' : undefined },
    { text: progressOf(pool), style: 'green' },
    owner(ownerSlot),
  ];
}

/** Of the maps and imaps that are running. */
function progressOf({ progress }: PoolSnapshot): string {
  if (progress === null) return '';
  const { done, total } = progress;
  if (total === null) return `${grouped(done)} so far`;
  return `${grouped(done)} of ${grouped(total)}, ${Math.floor((done / total) * 100)} %`;
}

function queueRow({ name, id, depth, ownerSlot }: QueueSnapshot, owner: (slot: number) => Cell): Cell[] {
  return [{ text: plain(name) || `#${id}` }, { text: String(depth) }, owner(ownerSlot)];
}
