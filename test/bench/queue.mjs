// One producer, one consumer: Queue (blocking and awaited) against CPython's Queue and Node's own child_process IPC with
// advanced serialization. Every round measures each side once; the table shows medians and the ratios of TARGETS.
// Run `node esbuild.mjs runtime` first; `node test/bench/queue.mjs [rounds] [json file]`.
import { execFileSync, fork } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import { fileURLToPath } from 'node:url';
import { isMain, Process, Queue } from 'manycore';

const [SMALL, LARGE, SIZE, TRIPS] = [200_000, 300, 1 << 20, 2000];
const small = i => ({ id: i, x: i * 0.5, y: -i });
const median = list => [...list].sort((a, b) => a - b)[list.length >> 1];

export function produceSync(queue, back) {
  back.getSync();
  for (let i = 0; i < SMALL; i++) queue.putSync(small(i));
  back.getSync();
  const payload = Buffer.alloc(SIZE, 7);
  for (let i = 0; i < LARGE; i++) queue.putSync(payload);
  back.getSync();
  for (let i = 0; i < TRIPS; i++) queue.putSync(back.getSync());
}

export async function produceAsync(queue, back) {
  await back.get();
  for (let i = 0; i < SMALL; i++) await queue.put(small(i));
  await back.get();
  const payload = Buffer.alloc(SIZE, 7);
  for (let i = 0; i < LARGE; i++) await queue.put(payload);
  await back.get();
  for (let i = 0; i < TRIPS; i++) await queue.put(await back.get());
}

async function queueSync() {
  const [queue, back] = [new Queue(), new Queue()];
  const p = new Process({ target: produceSync, args: [queue, back] });
  p.start();
  const result = {};
  back.putSync(1);
  queue.getSync();
  let start = performance.now();
  for (let i = 1; i < SMALL; i++) queue.getSync();
  result.small = (SMALL - 1) / ((performance.now() - start) / 1000);
  back.putSync(1);
  queue.getSync();
  start = performance.now();
  for (let i = 1; i < LARGE; i++) queue.getSync();
  result.large = ((LARGE - 1) * SIZE) / 1e3 / (performance.now() - start);
  back.putSync(1);
  const trips = [];
  for (let i = 0; i < TRIPS; i++) {
    start = performance.now();
    back.putSync(i);
    queue.getSync();
    trips.push((performance.now() - start) * 1000);
  }
  result.trip = median(trips);
  await p.join();
  return result;
}

async function queueAsync() {
  const [queue, back] = [new Queue(), new Queue()];
  const p = new Process({ target: produceAsync, args: [queue, back] });
  p.start();
  const result = {};
  await back.put(1);
  await queue.get();
  let start = performance.now();
  for (let i = 1; i < SMALL; i++) await queue.get();
  result.small = (SMALL - 1) / ((performance.now() - start) / 1000);
  await back.put(1);
  await queue.get();
  start = performance.now();
  for (let i = 1; i < LARGE; i++) await queue.get();
  result.large = ((LARGE - 1) * SIZE) / 1e3 / (performance.now() - start);
  await back.put(1);
  const trips = [];
  for (let i = 0; i < TRIPS; i++) {
    start = performance.now();
    await back.put(i);
    await queue.get();
    trips.push((performance.now() - start) * 1000);
  }
  result.trip = median(trips);
  await p.join();
  return result;
}

const MESSAGES = 'as-ipc-producer';

/** The producer of the IPC side: waits for a word before each of its three turns, and lets no backlog build up. */
function ipcProducer() {
  let turn = 0;
  const flood = (count, make) => {
    let i = 0;
    const go = () => {
      while (i < count) if (!process.send(make(i++))) return void setImmediate(go);
    };
    go();
  };
  process.on('message', message => {
    if (turn === 3) process.send(message);
    else if (turn === 0) flood(SMALL, small);
    else if (turn === 1) {
      const payload = Buffer.alloc(SIZE, 7);
      flood(LARGE, () => payload);
    }
    if (turn < 3) turn++;
  });
}

async function nodeIpc() {
  const child = fork(fileURLToPath(import.meta.url), [MESSAGES], { serialization: 'advanced' });
  await once(child, 'spawn');
  const receive = count =>
    new Promise(resolve => {
      let [seen, start] = [0, 0];
      const onMessage = () => {
        if (++seen === 1) start = performance.now();
        if (seen < count) return;
        child.off('message', onMessage);
        resolve(performance.now() - start);
      };
      child.on('message', onMessage);
    });
  const result = {};
  let done = receive(SMALL);
  child.send(1);
  result.small = (SMALL - 1) / ((await done) / 1000);
  done = receive(LARGE);
  child.send(1);
  result.large = ((LARGE - 1) * SIZE) / 1e3 / (await done);
  child.send(1);
  const trips = [];
  for (let i = 0; i < TRIPS; i++) {
    const start = performance.now();
    child.send(i);
    await once(child, 'message');
    trips.push((performance.now() - start) * 1000);
  }
  result.trip = median(trips);
  child.disconnect();
  await once(child, 'exit');
  return result;
}

function cpython() {
  const script = fileURLToPath(new URL('./cpython-queue.py', import.meta.url));
  try {
    return JSON.parse(execFileSync('python3', [script, SMALL, LARGE, SIZE, TRIPS].map(String), { encoding: 'utf8' }));
  } catch {
    return undefined;
  }
}

async function main() {
  const [rounds = '5', jsonFile] = process.argv.slice(2);
  const sides = {
    'Queue, blocking': queueSync,
    'Queue, awaited': queueAsync,
    'CPython Queue': cpython,
    'Node IPC': nodeIpc,
  };
  const all = Object.fromEntries(Object.keys(sides).map(name => [name, []]));
  for (let round = 0; round < Number(rounds); round++) {
    for (const [name, run] of Object.entries(sides)) {
      const result = await run();
      if (result !== undefined) all[name].push(result);
    }
  }
  const medians = {};
  for (const [name, results] of Object.entries(all)) {
    if (results.length === 0) console.log(`${name}: missing on this machine`);
    else
      medians[name] = Object.fromEntries(
        ['small', 'large', 'trip'].map(key => [key, median(results.map(r => r[key]))]),
      );
  }
  console.log(`Node ${process.version}, ${rounds} rounds, medians`);
  console.log('side'.padEnd(18), 'small msg/s'.padStart(12), '1 MiB MB/s'.padStart(12), 'round trip us'.padStart(14));
  for (const [name, m] of Object.entries(medians)) {
    const cells = [Math.round(m.small), Math.round(m.large), m.trip.toFixed(1)];
    console.log(name.padEnd(18), String(cells[0]).padStart(12), String(cells[1]).padStart(12), cells[2].padStart(14));
  }
  const best = medians['Queue, blocking'];
  const ratios = {};
  for (const peer of ['CPython Queue', 'Node IPC']) {
    const m = medians[peer];
    if (m !== undefined)
      ratios[peer] = { small: best.small / m.small, large: best.large / m.large, trip: best.trip / m.trip };
  }
  for (const [peer, r] of Object.entries(ratios)) {
    console.log(
      `against ${peer}: small ${r.small.toFixed(1)}x, 1 MiB ${r.large.toFixed(1)}x, round trip ${r.trip.toFixed(2)}x`,
    );
  }
  if (jsonFile !== undefined)
    fs.writeFileSync(jsonFile, JSON.stringify({ node: process.version, medians, ratios }, null, 2));
}

if (process.argv[2] === MESSAGES) ipcProducer();
else if (isMain(import.meta)) await main();
