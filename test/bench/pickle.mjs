// Pickle against msgpackr (structured-clone mode), v8.serialize and cbor-x: ns for one encode and one decode, medians of
// rounds in which the sides take turns. `node esbuild.mjs internals` first; `node test/bench/pickle.mjs [rounds] [out.json]`.
// A peer that is not installed, or that does not give the value back, is reported as missing with the reason.
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import fs from 'node:fs';
import v8 from 'node:v8';
import { Job } from './pickle/job.mjs';

const require = createRequire(import.meta.url);
const { pickle } = require('../../runtime/dist/internals.cjs');
const rounds = Number(process.argv[2] ?? 5);
const out = process.argv[3];
const MS = 40;

/** An append-only table as the runtime shares one between processes, here for both ends in this process. */
function tableOfShapes() {
  const lists = [];
  const ids = new Map();
  return {
    idOf(keys) {
      const key = JSON.stringify(keys);
      if (!ids.has(key)) ids.set(key, lists.push([...keys]) - 1);
      return ids.get(key);
    },
    keysOf: id => lists[id],
  };
}

const small = { id: 12345, name: 'worker-7', ok: true, score: 0.75 };
const tree = depth => (depth === 0 ? { leaf: 'x', n: 1.5 } : { left: tree(depth - 1), right: tree(depth - 1), depth });
const ascii = 'abcdefghij'.repeat(100);
const wide = 'abcdefghiж'.repeat(100);
/** The targets hold for the small object and what programs send most; the other rows only tell. */
const TARGET = { 'msgpackr (structured clone)': '≤ 0.4 ×', 'v8.serialize': '≤ 0.05 ×' };
const cases = [
  { name: 'small object', value: () => small, target: TARGET },
  { name: 'task [id, args]', value: () => [17, [1, 2]] },
  {
    name: 'nested object',
    value: () => ({ kind: 'result', id: 991, value: { x: 1.5, y: -2.25, tags: ['a', 'bc'] }, error: null }),
  },
  { name: '1,000 small objects', value: () => Array.from({ length: 1000 }, (_, i) => ({ ...small, id: i })) },
  { name: 'nested tree, 127 nodes', value: () => tree(6) },
  { name: '1,000 integers', value: () => Array.from({ length: 1000 }, (_, i) => i * 7) },
  { name: '1,000 doubles', value: () => Array.from({ length: 1000 }, (_, i) => i * 0.37) },
  { name: 'string, 1,000 ASCII', value: () => ascii },
  { name: 'string, 1,000 UTF-16', value: () => wide },
  { name: 'Map of 50', value: () => new Map(Array.from({ length: 50 }, (_, i) => [`key${i}`, i])) },
  { name: 'Set of 50', value: () => new Set(Array.from({ length: 50 }, (_, i) => `key${i}`)) },
  { name: 'class instance', value: () => new Job(7, 'resize') },
  { name: 'typed array, 4 KiB', value: () => new Uint8Array(4096) },
  { name: 'typed array, 1 MiB', value: () => new Float64Array(131_072) },
];

function peer(name, make) {
  try {
    return { name, ...make() };
  } catch (error) {
    return { name, missing: String(error.message).split('\n')[0] };
  }
}
const peers = [
  peer('msgpackr (structured clone)', () => {
    const { Packr } = require('msgpackr');
    const packr = new Packr({ structuredClone: true });
    return { encode: value => packr.pack(value), decode: bytes => packr.unpack(bytes) };
  }),
  peer('v8.serialize', () => ({ encode: v8.serialize, decode: v8.deserialize })),
  peer('cbor-x', () => {
    const { Encoder } = require('cbor-x');
    const encoder = new Encoder({ structuredClone: true });
    return { encode: value => encoder.encode(value), decode: bytes => encoder.decode(bytes) };
  }),
];
const ours = { name: 'manycore', encode: value => pickle.encode(value), decode: bytes => pickle.decode(bytes) };
const copy = bytes => Buffer.from(bytes);

/** Each side's work in one loop: encode, and decode what it once encoded. */
function sideOf({ name, missing, encode, decode }, value) {
  if (missing !== undefined) return { name, missing };
  try {
    const bytes = name === 'manycore' ? pickle.encodeToBuffer(value) : copy(encode(value));
    const back = decode(bytes);
    // A class is kept by nobody but us; the same fields are enough for a comparison.
    if (name === 'manycore') assert.deepStrictEqual(back, value);
    else assert.deepEqual(JSON.stringify(back), JSON.stringify(value));
    return { name, encode: () => encode(value), decode: () => decode(bytes), times: { encode: [], decode: [] } };
  } catch (error) {
    return { name, missing: `does not give the value back: ${String(error.message).split('\n')[0]}` };
  }
}

/** Nanoseconds for one, by the median of batches of about half a millisecond: who is interrupted spoils one batch only. */
function timed(work) {
  const seen = [];
  const start = performance.now();
  let batch = 1;
  for (let at = start; at - start < MS;) {
    for (let i = 0; i < batch; i++) work();
    const now = performance.now();
    const taken = now - at;
    if (taken < 0.25 && seen.length < 3) batch *= 2;
    else seen.push((taken * 1e6) / batch);
    at = now;
  }
  return median(seen);
}

const median = list => [...list].sort((a, b) => a - b)[list.length >> 1];

pickle.useShapeTable(tableOfShapes());
const rows = [];
console.log(`Node ${process.versions.node}; ns for encode + decode, ${rounds} rounds\n`);
for (const { name, value: make, target } of cases) {
  const value = make();
  const sides = [ours, ...peers].map(each => sideOf(each, value));
  for (const side of sides) warmUp(side, sizeOf(value) > 1e5 ? 3 : 300);
  // One round more than asked for: the first is thrown away.
  for (let round = 0; round <= rounds; round++) {
    for (const side of sides) {
      if (side.missing !== undefined) continue;
      const [encode, decode] = [timed(side.encode), timed(side.decode)];
      if (round === 0) continue;
      side.times.encode.push(encode);
      side.times.decode.push(decode);
    }
  }
  const both = side => median(side.times.encode) + median(side.times.decode);
  const [mine, ...others] = sides;
  if (mine.missing !== undefined) throw new Error(`${name}: ${mine.missing}`);
  const ratio = {};
  const theirs = {};
  for (const side of others) {
    theirs[side.name] = side.missing === undefined ? both(side) : null;
    if (side.missing !== undefined) console.log(`${side.name}: ${side.missing}`);
    if (side.missing === undefined) ratio[side.name] = both(mine) / both(side);
  }
  const met =
    target && Object.entries(target).every(([against, most]) => !(ratio[against] > Number(/[\d.]+/.exec(most)[0])));
  rows.push({ name, unit: 'ns', ours: both(mine), encode: median(mine.times.encode), decode: median(mine.times.decode), peers: theirs, ratio, target, met }); // prettier-ignore
  print(rows.at(-1));
}
if (out !== undefined) fs.writeFileSync(out, JSON.stringify(rows));

function warmUp({ missing, encode, decode }, times) {
  if (missing !== undefined) return;
  for (let i = 0; i < times; i++) {
    encode();
    decode();
  }
}

function sizeOf(value) {
  return ArrayBuffer.isView(value) ? value.byteLength : 0;
}

function print(row) {
  const ns = value => (value < 1000 ? value.toFixed(1) : value.toFixed(0)).padStart(9);
  const against = Object.entries(row.peers).map(([name, theirs]) =>
    typeof theirs === 'number' ? `${name} ${ns(theirs).trim()} (${row.ratio[name].toFixed(3)} ×)` : `${name} missing`,
  );
  const verdict = row.target === undefined ? '' : row.met ? '  met' : '  MISSED';
  console.log(
    `${row.name.padEnd(24)}${ns(row.encode)} +${ns(row.decode)} =${ns(row.ours)}   ${against.join(', ')}${verdict}`,
  );
}
