// A process table with a thousand rows in use: a real program's, with the row of one of its processes written a thousand
// times. Read as the editor does, with what asks the system about each pid included.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { programsRoot, readProgram, readPrograms } from 'manycore/inspect';

const ROWS = 1000;

/** The numbers of the table's header that are needed to copy a row: how many rows, and the bytes of one. */
function layout(bytes) {
  const [count, size] = [bytes.readInt32LE(8), bytes.readInt32LE(12)];
  return { count, size, start: bytes.length - count * size };
}

/** @param {number} pid a process of this program that is alive */
export function crowdedTable(pid) {
  const mine = readPrograms().find(program => program.mainPid === process.pid);
  const slot = mine.processes.find(one => one.pid === pid).slot;
  const copy = fs.mkdtempSync(path.join(path.dirname(programsRoot()) || os.tmpdir(), 'manycore-bench-'));
  for (const name of fs.readdirSync(mine.dir)) {
    const file = path.join(mine.dir, name);
    if (fs.statSync(file).isFile()) fs.copyFileSync(file, path.join(copy, name));
  }
  const file = path.join(copy, 'table');
  const bytes = fs.readFileSync(file);
  const { count, size, start } = layout(bytes);
  const row = Buffer.from(bytes.subarray(start + slot * size, start + (slot + 1) * size));
  for (let i = 1; i <= Math.min(ROWS, count - 1); i++) row.copy(bytes, start + i * size);
  fs.writeFileSync(file, bytes);
  return {
    read() {
      const seen = readProgram(copy).processes.length;
      if (seen < ROWS) throw new Error(`only ${seen} of ${ROWS} processes were read`);
    },
    remove: () => fs.rmSync(copy, { recursive: true, force: true }),
  };
}
