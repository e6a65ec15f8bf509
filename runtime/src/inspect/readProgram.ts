import fs from 'node:fs';
import path from 'node:path';
import * as layout from '../memory/tableLayout.js';
import { readPools, readQueues } from './readRows.js';
import { startReading } from './liveness.js';
import { isRecordedAlive, readSlot } from './readSlot.js';
import { programDirs } from './root.js';
import type { PoolSnapshot, ProcessSnapshot, ProgramSnapshot, QueueSnapshot } from './types.js';

const { Header } = layout;

// One reading at a time, so one buffer does: a table has 2 MiB.
const memory = new ArrayBuffer(layout.TABLE_BYTES);
const bytes = Buffer.from(memory);
const words = new Int32Array(memory);
const doubles = new Float64Array(memory);

/** Every program of this user, running or left behind; what cannot be read is left out. */
export function readPrograms(): ProgramSnapshot[] {
  return programDirs().flatMap(dir => readProgram(dir) ?? []);
}

/** The program in a folder; undefined when there is none, or one of another version of the table. */
export function readProgram(dir: string): ProgramSnapshot | undefined {
  try {
    const description = readDescription(path.join(dir, 'program.json'));
    if (description === undefined || !readTable(path.join(dir, layout.TABLE_FILE))) return undefined;
    const pools = readPools(bytes, words);
    const queues = readQueues(bytes, words);
    const processes = readProcesses(dir, pools, queues);
    const alive = processes.some(({ state }) => state !== 'exited' && state !== 'died');
    return { ...description, id: path.basename(dir), dir, alive, processes, pools, queues };
  } catch {
    return undefined; // it went away while it was read
  }
}

function readTable(file: string): boolean {
  const fd = fs.openSync(file, 'r');
  try {
    const length = fs.readSync(fd, bytes, 0, bytes.length, 0);
    return (
      length === layout.TABLE_BYTES &&
      words[Header.magic] === layout.MAGIC &&
      words[Header.layoutVersion] === layout.LAYOUT_VERSION &&
      words[Header.slotCount] === layout.SLOT_COUNT &&
      words[Header.slotBytes] === layout.SLOT_BYTES
    );
  } finally {
    fs.closeSync(fd);
  }
}

function readProcesses(
  dir: string,
  pools: readonly PoolSnapshot[],
  queues: readonly QueueSnapshot[],
): ProcessSnapshot[] {
  const now = Date.now();
  const names = new Map([...pools, ...queues].map(({ id, name }) => [id, name]));
  const objectName = (id: number): string => names.get(id) ?? `#${id}`;
  const table = { dir, bytes, words, doubles, objectName };
  let alive = 0;
  for (let slot = 0; slot < layout.SLOT_COUNT; slot++) if (isRecordedAlive(words, slot)) alive++;
  startReading(dir, alive);
  const found: ProcessSnapshot[] = [];
  for (let slot = 0; slot < layout.SLOT_COUNT; slot++) {
    const process = readSlot(table, slot, now);
    if (process !== undefined) found.push(process);
  }
  return found;
}

type Description = Omit<ProgramSnapshot, 'id' | 'dir' | 'alive' | 'processes' | 'pools' | 'queues'>;

/** program.json, checked: the folder may be anything. */
function readDescription(file: string): Description | undefined {
  const json: unknown = JSON.parse(fs.readFileSync(file, 'utf8'));
  if (typeof json !== 'object' || json === null) return undefined;
  const text = (key: string): string => {
    const value: unknown = Reflect.get(json, key);
    return typeof value === 'string' ? value : '';
  };
  const number = (key: string): number => {
    const value: unknown = Reflect.get(json, key);
    return typeof value === 'number' ? value : 0;
  };
  const argv: unknown = Reflect.get(json, 'argv');
  return {
    mainPid: number('mainPid'),
    entry: text('entry'),
    cwd: text('cwd'),
    argv: Array.isArray(argv) ? argv.map(String) : [],
    nodeVersion: text('nodeVersion'),
    version: text('version'),
    startedAt: number('startedAt'),
  };
}
