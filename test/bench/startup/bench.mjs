// bench:startup: how soon a process answers, what it takes while it idles, and what looking at the table costs.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { Event, getContext, Process, setForkserverPreload, SimpleQueue } from 'manycore';
import { readPrograms } from 'manycore/inspect';
import { median } from '../harness/measure.mjs';
import { startPython } from '../harness/python.mjs';
import { crowdedTable } from './table.mjs';
import { answer, arriveAndWait, wait } from './targets.mjs';

/** From `start()` until its result is here, in ms; the process is over before the next one starts. */
async function firstResult(Process) {
  const queue = new SimpleQueue();
  const child = new Process({ target: answer, args: [queue] });
  const start = performance.now();
  child.start();
  await queue.get();
  const took = performance.now() - start;
  await child.join();
  queue.close();
  return took;
}

const cold = () => firstResult(Process);

const forkserver = getContext('forkserver');
const isSpare = ({ state, parentPid }) => state === 'spare' && parentPid === process.pid;
const hasSpare = () => readPrograms().some(({ processes }) => processes.some(isSpare));

/** As `cold`, when a spare is ready; the next one is before this returns, so that nobody else's turn is disturbed by it. */
async function warm() {
  const untilReady = async () => {
    while (!hasSpare()) await pause(5);
  };
  if (!hasSpare()) {
    await firstResult(forkserver.Process);
    await untilReady();
  }
  const took = await firstResult(forkserver.Process);
  await untilReady();
  return took;
}

async function bareNode() {
  const start = performance.now();
  await once(spawn(process.execPath, ['-e', '0'], { stdio: 'ignore' }), 'exit');
  return performance.now() - start;
}

const mean = (work, times) => async () => {
  let sum = 0;
  for (let i = 0; i < times; i++) sum += await work();
  return sum / times;
};

const rss = pid => Number(/VmRSS:\s+(\d+)/.exec(fs.readFileSync(`/proc/${pid}/status`, 'utf8'))[1]) / 1024;

/** Resident MB of a process that waits for work, above those of a bare node that waits for a timer. */
async function idleMemory(idler) {
  const bare = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1e6); console.log(1)'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(bare.stdout, 'data');
  await pause(300);
  try {
    return rss(idler.pid) - rss(bare.pid);
  } finally {
    bare.kill('SIGKILL');
  }
}

export async function open({ quick = 1 }) {
  setForkserverPreload([], { spares: 1 });
  const starts = Math.max(1, Math.round(5 * quick));
  const python = await startPython(new URL('cpython.py', import.meta.url));
  const event = new Event();
  const idler = new Process({ target: wait, args: [event], name: 'idler', daemon: true });
  idler.start();
  await cold();
  const table = crowdedTable(process.pid);
  const reads = Math.max(3, Math.round(100 * quick));

  const cases = [
    {
      ...{ id: 'startup.cold', name: 'first result of a cold process', unit: 'ms' },
      ours: { name: 'manycore', run: mean(cold, starts) },
      peers: [
        { name: 'node -e 0', run: mean(bareNode, starts) },
        { name: 'CPython spawn', missing: python.missing, run: () => python.ask('cold', starts) },
      ],
      targets: [
        { against: 'node -e 0', bound: '≤', value: 1.6 },
        { against: 'CPython spawn', bound: '≤', value: 0.8 },
      ],
    },
    {
      ...{ id: 'startup.warm', name: 'first result from a warm spare', unit: 'ms' },
      ours: { name: 'manycore', run: mean(warm, starts) },
      peers: [
        { name: 'CPython forkserver', missing: python.missing, run: () => python.ask('warm', starts) },
        { name: 'node -e 0', run: mean(bareNode, starts) },
      ],
      targets: [{ against: 'CPython forkserver', bound: '≤', value: 0.5 }],
    },
    {
      ...{ id: 'startup.memory', name: 'memory of an idle process above bare node', unit: 'MB RSS' },
      ours: { name: 'manycore', run: () => idleMemory(idler) },
      targets: [{ bound: '≤', value: 10, absolute: true }],
    },
    {
      ...{ id: 'startup.table', name: 'reading the table of 1,000 processes', unit: 'ms' },
      ours: {
        name: 'manycore',
        run() {
          const each = [];
          for (let i = 0; i < reads; i++) {
            const start = performance.now();
            table.read();
            each.push(performance.now() - start);
          }
          return median(each);
        },
      },
      targets: [{ bound: '≤', value: 5, absolute: true }],
    },
    {
      ...{ id: 'startup.watching', name: 'reading it once a second, of one core', unit: '%' },
      ours: {
        name: 'manycore',
        run() {
          const before = process.cpuUsage();
          for (let i = 0; i < reads; i++) table.read();
          const { user, system } = process.cpuUsage(before);
          return ((user + system) / reads / 1e6) * 100;
        },
      },
      targets: [{ bound: '≤', value: 1, absolute: true }],
    },
  ];

  const growth = {
    ...{ id: 'start-up-live', title: 'Start-up against processes alive' },
    ...{ x: 'processes alive', y: 'ms to the first result', values: quick < 0.1 ? [1, 3] : [1, 3, 10, 30, 100, 200] },
    sides: [
      {
        name: 'manycore',
        async at(count) {
          const arrivals = new SimpleQueue();
          const member = () => new Process({ target: arriveAndWait, args: [arrivals, event], daemon: true });
          const crowd = Array.from({ length: count }, member);
          for (const one of crowd) one.start();
          for (let i = 0; i < count; i++) await arrivals.get();
          arrivals.close();
          return {
            run: mean(cold, starts),
            async close() {
              for (const one of crowd) one.kill();
              for (const one of crowd) await one.join();
            },
          };
        },
      },
      {
        ...{ name: 'CPython', missing: python.missing },
        async at(count) {
          await python.ask('crowd', count);
          await pause(100 + 30 * count);
          return { run: () => python.ask('cold', starts), close: () => python.ask('leave', count) };
        },
      },
    ],
  };
  return {
    cases,
    growth: [growth],
    async close() {
      table.remove();
      idler.kill();
      await idler.join();
      await python.stop?.();
    },
  };
}
