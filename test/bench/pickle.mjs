// Pickle against v8.serialize: ns for one encode and one decode, medians of rounds in which the two sides take turns.
// Run `node esbuild.mjs internals` first; `node test/bench/pickle.mjs [seconds a case]`.
import { createRequire } from 'node:module';
import v8 from 'node:v8';

const { pickle } = createRequire(import.meta.url)('../../runtime/dist/internals.cjs');
const msPerRound = Number(process.argv[2] ?? 0.5) * 100;

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
const cases = {
  'small flat object': small,
  'task [id, args]': [17, [1, 2]],
  'nested object': { kind: 'result', id: 991, value: { x: 1.5, y: -2.25, tags: ['a', 'bc'] }, error: null },
  number: 42,
  'short string': 'hello world',
  'string, 1,000 chars': 'abcdefghij'.repeat(100),
  '100 small objects': Array.from({ length: 100 }, (_, i) => ({ ...small, id: i })),
  '1,000 integers': Array.from({ length: 1000 }, (_, i) => i * 7),
  '1,000 doubles': Array.from({ length: 1000 }, (_, i) => i * 0.37),
  'Map of 50': new Map(Array.from({ length: 50 }, (_, i) => [`key${i}`, i])),
  'Uint8Array, 4 KiB': new Uint8Array(4096),
};

function timed(work) {
  const start = process.hrtime.bigint();
  let rounds = 0;
  let elapsed = 0;
  while (elapsed < msPerRound) {
    for (let i = 0; i < 200; i++) work();
    rounds += 200;
    elapsed = Number(process.hrtime.bigint() - start) / 1e6;
  }
  return (elapsed * 1e6) / rounds;
}

const median = list => [...list].sort((a, b) => a - b)[list.length >> 1];

function measure(value) {
  const bytes = pickle.encodeToBuffer(value);
  const cloned = v8.serialize(value);
  const sides = {
    encode: () => pickle.encode(value),
    decode: () => pickle.decode(bytes),
    v8encode: () => v8.serialize(value),
    v8decode: () => v8.deserialize(cloned),
  };
  const seen = Object.fromEntries(Object.keys(sides).map(side => [side, []]));
  for (let round = 0; round < 5; round++) for (const side in sides) seen[side].push(timed(sides[side]));
  return Object.fromEntries(Object.entries(seen).map(([side, times]) => [side, median(times)]));
}

const columns = ['encode', 'decode', 'both', 'v8 both', 'ratio', 'bytes'];
for (const shared of [true, false]) {
  pickle.useShapeTable(shared ? tableOfShapes() : null);
  console.log(`\nNode ${process.versions.node}, ${shared ? 'shapes in a shared table' : 'shapes in each message'}; ns`);
  console.log(['case'.padEnd(22), ...columns.map(column => column.padStart(9))].join(''));
  for (const [name, value] of Object.entries(cases)) {
    for (let i = 0; i < 2000; i++) pickle.decode(pickle.encodeToBuffer(value));
    const { encode, decode, v8encode, v8decode } = measure(value);
    const [ours, theirs] = [encode + decode, v8encode + v8decode];
    const cells = [encode, decode, ours, theirs].map(ns => ns.toFixed(ns < 1000 ? 1 : 0));
    cells.push((ours / theirs).toFixed(3), String(pickle.encodeToBuffer(value).length));
    console.log([name.padEnd(22), ...cells.map(cell => cell.padStart(9))].join(''));
  }
}
