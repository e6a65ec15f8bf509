import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { internals } from '../../runtime/internals.js';
import type { Target } from '../target.js';

const { inspect, memory } = internals;
const { layout } = memory;

/** The folder of a program, as anybody might have left it; the first byte of the input says which part is not right. */
function table(): Target {
  const { dir } = memory.program();
  const base = fs.existsSync('/dev/shm') ? '/dev/shm' : os.tmpdir();
  const root = fs.mkdtempSync(path.join(base, 'manycore-fuzz-'));
  const folder = path.join(root, '1-00000000');
  fs.cpSync(dir, folder, { recursive: true, filter: file => !path.basename(file).startsWith('seg-') });
  const file = path.join(folder, layout.TABLE_FILE);
  const program = path.join(folder, 'program.json');
  const description = fs.readFileSync(program);
  const fd = fs.openSync(file, 'r+');
  const original = fs.readFileSync(file);
  // Ten processes, a pool and a queue, so that there is something to damage.
  for (let slot = 1; slot < 10; slot++) original.copy(original, layout.SLOTS_START_B + slot * layout.SLOT_BYTES, layout.SLOTS_START_B, layout.SLOTS_START_B + layout.SLOT_BYTES); // prettier-ignore
  for (const start of [layout.POOLS_START_B, layout.QUEUES_START_B]) {
    original.writeInt32LE(7, start + layout.Row.id_W * 4);
    layout.writeText(original, start + layout.Row.name_B, layout.Row.nameBytes, 'a row');
  }
  fs.writeSync(fd, original, 0, original.length, 0);
  // What is written to: the header, the first slots, the first rows.
  const areas = [0, layout.SLOTS_START_B, layout.POOLS_START_B, layout.QUEUES_START_B];
  const look = (): void => {
    const snapshot = inspect.readProgram(folder);
    if (snapshot !== undefined) checkSnapshot(snapshot);
  };

  const damage = (input: Buffer): void => {
    const places: [number, number][] = [];
    for (let at = 1; at + 7 <= input.length; at += 7) {
      const area = areas[(input[at] ?? 0) & 3] ?? 0;
      const place = area + (input.readUInt16LE(at + 1) % (10 * layout.SLOT_BYTES));
      if (place + 4 > original.length) continue;
      fs.writeSync(fd, input, at + 3, 4, place);
      places.push([place, 4]);
    }
    look();
    for (const [place, length] of places) fs.writeSync(fd, original, place, length, place);
  };
  const variants: readonly ((input: Buffer) => void)[] = [
    input => {
      fs.writeFileSync(program, input.subarray(1));
      look();
      fs.writeFileSync(program, description);
    },
    input => {
      const cut = path.join(root, 'cut');
      fs.mkdirSync(cut, { recursive: true });
      fs.writeFileSync(path.join(cut, 'program.json'), description);
      fs.writeFileSync(
        path.join(cut, layout.TABLE_FILE),
        Buffer.concat([original.subarray(0, input.length * 7), input]),
      );
      assert.equal(inspect.readProgram(cut), undefined);
    },
    () => {
      const odd = path.join(root, 'odd');
      fs.rmSync(odd, { recursive: true, force: true });
      fs.mkdirSync(odd);
      fs.symlinkSync(odd, path.join(odd, layout.TABLE_FILE));
      fs.symlinkSync('/dev/zero', path.join(odd, 'program.json.not'));
      fs.mkdirSync(path.join(odd, 'program.json'));
      assert.equal(inspect.readProgram(odd), undefined);
      assert.equal(inspect.readProgram(path.join(odd, 'none')), undefined);
    },
  ];
  const corpus = [
    Buffer.concat([Buffer.from([255]), ...[0, 4, 8, 12, 40, 128, 130, 896].map(at => one(1, at, 0xffffffff))]),
    Buffer.concat([Buffer.from([255]), one(0, 0, 1), one(0, 4, 9)]),
    Buffer.concat([Buffer.from([255]), one(2, layout.Row.id_W * 4, 3), one(3, layout.Row.name_B, 0xffffffff)]),
    Buffer.concat([Buffer.from([0]), description]),
    Buffer.concat([
      Buffer.from([0]),
      Buffer.from('{"__proto__":{"polluted":1},"argv":[{"__proto__":1}],"mainPid":"x"}'),
    ]),
    Buffer.from([1, 1, 2, 3]),
    Buffer.from([2]),
  ];
  return {
    name: 'table',
    longest: 300,
    corpus,
    run: input => (variants[input[0] ?? 255] ?? damage)(input),
    close() {
      fs.closeSync(fd);
      fs.rmSync(root, { recursive: true });
    },
  };
}

function one(area: number, at: number, value: number): Buffer {
  const bytes = Buffer.alloc(7);
  bytes[0] = area;
  bytes.writeUInt16LE(at, 1);
  bytes.writeUInt32LE(value, 3);
  return bytes;
}

function checkSnapshot(snapshot: ReturnType<typeof inspect.readProgram> & object): void {
  assert.equal(typeof snapshot.entry + typeof snapshot.mainPid, 'stringnumber');
  for (const row of snapshot.processes) {
    for (const text of [row.name, row.target, row.task, row.stderrTail, row.state, row.kind])
      assert.equal(typeof text, 'string');
    assert.ok(row.name.length <= 128 && row.stderrTail.length <= 1152 && row.target.length <= 384);
    for (const number of [row.pid, row.slot, row.generation, row.tasksDone, row.busyMs, row.startedAt])
      assert.ok(Number.isFinite(number));
  }
  for (const { id, name } of [...snapshot.pools, ...snapshot.queues])
    assert.equal(typeof id + typeof name, 'numberstring');
}

export const tableTargets = { table };
