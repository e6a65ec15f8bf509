// bench:pool: trivial tasks, so that what is measured is the pool: in a burst, one at a time, and as a map.
import os from 'node:os';
import { median } from '../harness/measure.mjs';
import { startPython } from '../harness/python.mjs';
import { startOurs } from './manycore.mjs';
import { PROCESSES, startPeer, THREADS } from './peers.mjs';
import { startVariants } from './variants.mjs';

const WORKERS = Math.min(2, os.availableParallelism());
const threads = Object.keys(THREADS);
const processes = Object.keys(PROCESSES);
const everybody = [...threads, ...processes];

export async function open({ quick = 1 }) {
  const [BURST, ONES, MAP] = [100_000, 1000, 1_000_000].map(full => Math.max(20, Math.round(full * quick)));
  const ours = startOurs(WORKERS);
  const alone = startOurs(1);
  const peers = [];
  for (const [name, start] of Object.entries({ ...THREADS, ...PROCESSES })) {
    peers.push(await startPeer(name, start, WORKERS));
  }
  const python = await startPython(new URL('cpython.py', import.meta.url), [WORKERS]);
  const variants = await startVariants(WORKERS);
  const numbers = Array.from({ length: MAP }, (_, i) => i);

  /** A side of a case for each: `run` for those in Node; CPython answers how many ms it took. */
  const contest = (run, askPython, askPeer = run) => ({
    ours: { name: ours.name, run: () => run(ours) },
    peers: [
      ...peers.map(peer => ({ name: peer.name, missing: peer.missing, run: () => askPeer(peer) })),
      { name: 'CPython', missing: python.missing, run: askPython },
    ],
  });

  const cases = [
    {
      ...{ id: 'pool.burst', name: `burst of ${BURST.toLocaleString('en')} trivial tasks`, unit: 'tasks/s' },
      ...contest(
        side => rate(side, BURST),
        // A fifth is enough for those who take seconds; it is the more favourable part of their curve, if any.
        async () => BURST / 5 / ((await python.ask('burst', Math.round(BURST / 5))) / 1000),
        peer => rate(peer, Math.round(BURST / 5)),
      ),
      targets: [
        { against: 'piscina', bound: '≥', value: 6 },
        { against: 'best peer', of: everybody, bound: '≥', value: 6 },
        { against: 'CPython', bound: '≥', value: 15 },
      ],
    },
    {
      ...{ id: 'pool.one', name: 'one task at a time, round trip', unit: 'µs' },
      ...contest(
        async side => (await oneByOne(side, ONES)) * 1000,
        async () => (await python.ask('one', ONES)) * 1000,
      ),
      targets: [
        { against: 'best thread pool', of: threads, bound: '≤', value: 1.2 },
        { against: 'best process pool', of: processes, bound: '≤', value: 0.8 },
        { against: 'CPython', bound: '≤', value: 0.4 },
      ],
    },
    {
      ...{ id: 'pool.map', name: `map over ${MAP.toLocaleString('en')} numbers`, unit: 'ms' },
      ...contest(
        side => elapsed(() => side.map(numbers)),
        () => python.ask('map', MAP),
      ),
      targets: [
        { against: 'CPython', bound: '≤', value: 0.45 },
        { against: 'best peer, by hand', of: everybody, bound: '≤', value: 0.65 },
      ],
    },
    {
      ...{ id: 'pool.linear', name: 'map of CPU-bound work on 2 cores, part of linear', unit: '' },
      ours: { name: ours.name, run: () => partOfLinear(alone, ours, quick) },
      peers: [],
      targets: [{ bound: '≥', value: 0.95, absolute: true }],
    },
  ];

  /** The table costs a few stores: seen only in the median of many. */
  const withTable = (id, name, what) => ({
    ...{ id, name, unit: 'ms' },
    ours: { name: 'manycore', run: () => often(25, () => variants.on(what)) },
    peers: [{ name: 'without the table', run: () => often(25, () => variants.off(what)) }],
    targets: [{ against: 'without the table', bound: '≤', value: 1.01 }],
  });
  cases.push(withTable('pool.table.burst', `the same burst, for the cost of the process table`, { burst: BURST }));
  cases.push(withTable('pool.table.map', `the same map, for the cost of the process table`, { map: MAP }));

  /** µs a task; short bursts are repeated. */
  const perTask = async (burst, n) => {
    const times = Math.max(1, Math.round(30_000 / n));
    let ms = 0;
    for (let i = 0; i < times; i++) ms += await burst(n);
    return (ms * 1000) / (times * n);
  };
  const piscina = peers.find(({ name }) => name === 'piscina');
  const growth = {
    ...{ id: 'pool-queued', title: 'Cost of a task against tasks queued', share: 0.4 },
    ...{ x: 'tasks queued at once', y: 'µs a task', values: quick < 0.1 ? [100, 1000] : [1e3, 1e4, 1e5, 1e6] },
    sides: [
      { name: 'manycore', at: n => ({ run: () => perTask(m => elapsed(() => ours.burst(m)), n) }) },
      {
        ...{ name: 'piscina', missing: piscina.missing, upTo: 1e5 },
        at: n => ({ run: () => perTask(m => elapsed(() => piscina.burst(m)), n) }),
      },
      {
        ...{ name: 'CPython', missing: python.missing, upTo: 1e5 },
        at: n => ({ run: () => perTask(m => python.ask('burst', m), n) }),
      },
    ],
  };
  return {
    cases,
    growth: [growth],
    async close() {
      for (const side of [ours, alone, ...peers, python, variants]) await side.stop?.();
    },
  };
}

async function elapsed(work) {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

async function often(times, measure) {
  const each = [];
  for (let i = 0; i < times; i++) each.push(await measure());
  return median(each);
}

/** Tasks a second. */
async function rate(side, tasks) {
  return tasks / ((await elapsed(() => side.burst(tasks))) / 1000);
}

/** The median of many, in milliseconds. */
async function oneByOne(side, times) {
  const each = [];
  for (let i = 0; i < times; i++) each.push(await elapsed(() => side.one(i)));
  return median(each);
}

/** The same work by one worker and by all of them: 1 is linear. */
async function partOfLinear(alone, all, quick) {
  const rounds = new Array(WORKERS * 20).fill(Math.round(2e7 * quick));
  const one = await elapsed(() => alone.compute(rounds));
  return one / (await elapsed(() => all.compute(rounds))) / WORKERS;
}
