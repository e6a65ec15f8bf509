// Pools against their peers: `node test/bench/pool.mjs [--json]`. The sides take turns; each figure is a median, and
// each ratio is of medians of one run. Peers: `npm install` in test/bench. A peer that is missing is said to be missing.
import os from 'node:os';

const ROUNDS = Number(process.env.ROUNDS ?? 7);
const WORKERS = Number(process.env.WORKERS ?? 2);
const BURST = 100_000;
const ONES = 1000;
const MAP = 1_000_000;

/** In milliseconds; CPython's bursts are smaller, and scaled. */
const CASES = [
  {
    name: 'burst of 100,000 trivial tasks',
    unit: 'tasks/s',
    run: async side => BURST / ((await time(() => side.burst(BURST), side, 'burst', BURST / 5, 5)) / 1000),
    targets: { piscina: '≥ 6 ×', CPython: '≥ 15 ×' },
    better: (ours, theirs) => ours / theirs,
  },
  {
    name: 'one task at a time, round trip',
    unit: 'µs',
    run: async side => (await oneByOne(side)) * 1000,
    targets: { piscina: '≤ 1.2 ×', CPython: '≤ 0.4 ×' },
    better: (ours, theirs) => ours / theirs,
  },
  {
    name: 'map over 1,000,000 numbers',
    unit: 'ms',
    run: side => time(() => side.map(numbers), side, 'map', MAP, 1),
    targets: { piscina: '≤ 0.65 ×', CPython: '≤ 0.45 ×' },
    better: (ours, theirs) => ours / theirs,
  },
];
const numbers = Array.from({ length: MAP }, (_, i) => i);

/** The median of many, in milliseconds. */
async function oneByOne(side) {
  if (side.measured !== undefined) return side.measured.one(ONES);
  const times = [];
  for (let i = 0; i < ONES; i++) {
    const start = performance.now();
    await side.one(i);
    times.push(performance.now() - start);
  }
  return median(times);
}

async function time(run, side, what, n, scale) {
  if (side.measured !== undefined) return (await side.measured[what](n)) * scale;
  const start = performance.now();
  await run();
  return performance.now() - start;
}

async function contestants() {
  const sides = [];
  for (const name of ['manycore', 'piscina', 'cpython']) {
    try {
      sides.push(await (await import(`./pool/${name}.mjs`)).start(WORKERS));
    } catch (error) {
      console.log(`${name}: missing (${error.code ?? error.message})`);
    }
  }
  return sides;
}

const median = xs => xs.toSorted((a, b) => a - b)[xs.length >> 1];
const shown = (value, unit) => (unit === 'tasks/s' ? Math.round(value).toLocaleString('en') : value.toFixed(1));

const sides = await contestants();
const results = [];
for (const { name, unit, run, targets, better } of CASES) {
  const figures = new Map(sides.map(side => [side.name, []]));
  for (const side of sides) await run(side); // warm
  for (let round = 0; round < ROUNDS; round++) {
    for (const side of sides) figures.get(side.name).push(await run(side));
  }
  const medians = Object.fromEntries([...figures].map(([side, all]) => [side, median(all)]));
  results.push({ name, unit, medians });
  console.log(`\n${name} (${unit})`);
  for (const [side, value] of Object.entries(medians)) {
    const ratio =
      side === 'manycore' ? '' : `ours is ${better(medians.manycore, value).toFixed(2)} ×, target ${targets[side]}`;
    console.log(`  ${side.padEnd(10)} ${shown(value, unit).padStart(12)}   ${ratio}`);
  }
}
for (const side of sides) await side.stop();
const machine = { cpus: os.cpus().length, load: os.loadavg()[0], node: process.version };
if (process.argv.includes('--json')) console.log(JSON.stringify({ machine, workers: WORKERS, results }, null, 2));
else
  console.log(
    `\n${WORKERS} workers, ${machine.cpus} processors, load ${machine.load.toFixed(1)}, Node ${machine.node}`,
  );
