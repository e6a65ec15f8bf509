import assert from 'node:assert/strict';
import type { ChildProcess } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { programsRoot, readProgram, readPrograms, type ProcessSnapshot, type ProgramSnapshot } from 'manycore/inspect';
import { internals } from '../internals.js';
import { command } from '../cli/support.js';
import { noTerminal, Terminal } from '../cli/terminal.js';
import { DEADLINE, privateRoot, run } from '../process/support.js';
import { startWatched } from './watched.js';

const { layout } = internals.memory;
const { Row, Slot, SlotState } = layout;
const slotAt = (slot: number): number => layout.SLOTS_START_B + slot * layout.SLOT_BYTES;

describe('the worst moments of a reader', { timeout: DEADLINE * 2 }, () => {
  let main: ChildProcess;
  let end: () => Promise<void>;
  let original: ProgramSnapshot;

  before(async () => {
    ({ main, end } = await startWatched());
    original = readPrograms()[0] ?? assert.fail('no program');
  });

  after(() => end());

  /** What is read of a copy of the program's table in which something was changed. */
  function changed(change: (table: Buffer) => void): ProgramSnapshot {
    const dir = path.join(programsRoot(), `${main.pid}-copy`);
    fs.mkdirSync(dir);
    try {
      fs.copyFileSync(path.join(original.dir, 'program.json'), path.join(dir, 'program.json'));
      const table = fs.readFileSync(path.join(original.dir, 'table'));
      change(table);
      fs.writeFileSync(path.join(dir, 'table'), table);
      return readProgram(dir) ?? assert.fail('it is not read at all');
    } finally {
      fs.rmSync(dir, { recursive: true });
    }
  }

  function slotOf(name: string): number {
    return original.processes.find(one => one.name === name)?.slot ?? assert.fail(name);
  }

  test('a slot that is just being taken: each step of it gives a process or none, and never the one before', () => {
    const slot = slotOf('failed');
    const at = slotAt(slot);
    const read = (change: (table: Buffer) => void): ProcessSnapshot | undefined =>
      changed(change).processes.find(one => one.slot === slot);
    assert.equal(
      read(table => table.fill(0, at, at + layout.SLOT_BYTES)),
      undefined,
    );
    const claimed = (table: Buffer): void => {
      table.fill(0, at, at + layout.SLOT_BYTES);
      table.writeInt32LE(SlotState.starting, at + Slot.state_W * 4);
      table.writeInt32LE(7, at + Slot.generation_W * 4);
    };
    assert.equal(read(claimed), undefined, 'nobody knows yet what it is');
    const born = read(table => {
      claimed(table);
      table.writeInt32LE(2, at + Slot.kind_W * 4);
      table.writeDoubleLE(Date.now(), at + Slot.startedAt_D * 8);
    });
    assert.deepEqual([born?.state, born?.pid, born?.name, born?.exitCode], ['starting', 0, '', null]);
    const stuck = read(table => {
      claimed(table);
      table.writeInt32LE(2, at + Slot.kind_W * 4);
      table.writeDoubleLE(Date.now() - 60_000, at + Slot.startedAt_D * 8);
    });
    assert.equal(stuck?.state, 'died', 'its parent was killed before it could start it');
  });

  test('texts that are half written are cut, never more than their place, and numbers out of range are none', () => {
    const slot = slotOf('wäiting');
    const at = slotAt(slot);
    const seen = changed(table => {
      table.writeUInt16LE(0xffff, at + Slot.name_B);
      table.writeUInt16LE(2, at + Slot.target_B); // ends in the midst of a character
      table.write('aä', at + Slot.target_B + 2);
      table.writeInt32LE(99, at + Slot.waitKind_W * 4);
      table.writeDoubleLE(NaN, at + Slot.busyMs_D * 8);
      table.writeInt32LE(-5, at + Slot.exitCode_W * 4); // without the word that says that it holds
    }).processes.find(one => one.slot === slot);
    assert.ok(seen !== undefined && Buffer.byteLength(seen.name.replaceAll('\0', '')) <= Slot.nameBytes);
    assert.deepEqual([seen.target.startsWith('a'), seen.waitingFor, seen.busyMs], [true, null, 0]);
    assert.deepEqual([seen.exitCode, seen.signal, seen.state], [null, null, 'running']);
  });

  test('a wait whose object has gone, and a process waited for whose slot has another one', () => {
    const at = slotAt(slotOf('wäiting'));
    const waiting = (kind: number, object: number): string | undefined =>
      changed(table => {
        table.writeInt32LE(kind, at + Slot.waitKind_W * 4);
        table.writeInt32LE(object, at + Slot.waitObject_W * 4);
      }).processes.find(({ name }) => name === 'wäiting')?.waitingFor?.name;
    assert.equal(waiting(layout.WaitKind.queueGet, 12_345), '#12345');
    const failed = original.processes.find(({ name }) => name === 'failed') ?? assert.fail();
    const owner = (generation: number): number => (failed.slot << 16) | generation;
    assert.equal(waiting(layout.WaitKind.process, owner(failed.generation)), 'failed');
    assert.equal(waiting(layout.WaitKind.process, owner(failed.generation + 1)), '');
    assert.equal(waiting(layout.WaitKind.process, -1), '');
  });

  test('progress between two stores is never more than there is', () => {
    const progress = (done: number, total: number): unknown => {
      const at = layout.POOLS_START_B;
      return changed(table => {
        table.writeInt32LE(1, at + Row.id_W * 4);
        table.writeInt32LE(done, at + Row.progressDone_W * 4);
        table.writeInt32LE(total, at + Row.progressTotal_W * 4);
      }).pools[0]?.progress;
    };
    assert.deepEqual(progress(7, 3), { done: 3, total: 3 });
    assert.deepEqual(progress(-1, 3), { done: 0, total: 3 });
    assert.deepEqual(progress(7, layout.UNKNOWN_TOTAL), { done: 7, total: null });
    assert.deepEqual([progress(0, 0), progress(5, 0), progress(5, -2)], [null, null, null]);
  });

  test('programs that begin, end, and are deleted while they are read are there or not, and nothing else', async () => {
    const short = fileURLToPath(new URL('fixtures/short.js', import.meta.url));
    let running = 3;
    const lives = Array.from({ length: 3 }, async () => {
      for (let i = 0; i < 4; i++) {
        const { code, stderr } = await run([short]);
        assert.deepEqual([code, stderr], [0, '']);
      }
      running--;
    });
    const met = new Set<string>();
    while (running > 0) {
      for (const program of readPrograms()) {
        met.add(program.id);
        assert.ok(program.mainPid > 0 && program.startedAt > 0, JSON.stringify(program).slice(0, 300));
      }
      await new Promise(setImmediate);
    }
    await Promise.all(lives);
    assert.ok(met.size > 6, `met ${met.size} programs`);
    assert.deepEqual(readPrograms().map(({ mainPid }) => mainPid), [main.pid]); // prettier-ignore
  });

  test('a thousand processes: read in milliseconds, printed, and watched on a small terminal', async t => {
    const crowd = (table: Buffer): void => {
      const from = slotAt(0);
      for (let slot = 1; slot <= 1000; slot++) {
        const at = slotAt(slot);
        table.copy(table, at, from, from + layout.SLOT_BYTES);
        table.writeInt32LE(2, at + Slot.kind_W * 4);
        table.writeInt32LE(0, at + Slot.parentSlot_W * 4);
        table.writeInt32LE(main.pid ?? 0, at + Slot.parentPid_W * 4);
        layout.writeText(table, at + Slot.name_B, Slot.nameBytes, `Nummer ${slot} 語`);
      }
    };
    assert.equal(changed(crowd).processes.length, 1001);
    using own = privateRoot();
    const folder = path.join(own.env['MANYCORE_DIR'] ?? '', path.basename(original.dir));
    fs.mkdirSync(folder, { recursive: true, mode: 0o700 });
    fs.copyFileSync(path.join(original.dir, 'program.json'), path.join(folder, 'program.json'));
    const table = fs.readFileSync(path.join(original.dir, 'table'));
    crowd(table);
    fs.writeFileSync(path.join(folder, 'table'), table);
    const took: number[] = [];
    for (let i = 0; i < 60; i++) {
      const before = process.cpuUsage();
      assert.equal(readProgram(folder)?.processes.length, 1001);
      const { user, system } = process.cpuUsage(before);
      took.push((user + system) / 1000);
    }
    const median = took.sort((a, b) => a - b)[took.length >> 1] ?? Infinity;
    t.diagnostic(`${median.toFixed(2)} ms of processor time a reading`);
    assert.ok(median < 10, `${median} ms; once a second that is more than 1 % of a core`);
    const env = { ...process.env, ...own.env, NO_COLOR: '1' };
    const { stdout, code } = await run([command, 'ps'], { env });
    assert.equal(code, 0);
    assert.equal(stdout.match(/─ Nummer \d+ 語 +process +running/g)?.length, 1000);
    if (noTerminal !== false) return;
    const terminal = new Terminal([process.execPath, command, 'ps', '-w'], env, 60, 12);
    await terminal.until(({ pictures }) => pictures >= 3, 'three pictures');
    assert.match(terminal.screen.lines.at(-1) ?? '', /^… 99\d more lines$/);
    terminal.type('\u0003');
    assert.equal(await terminal.end(), 0);
  });
});
