// One producer, one consumer: Queue (blocking, awaited, borrowed) against CPython's Queue, Node's own child_process IPC
// with advanced serialization, and a MessagePort between threads. The sides take turns; a figure is the median of the
// rounds. Run `node esbuild.mjs runtime` first; `node test/bench/queue.mjs [rounds] [json file]`.
import { execFileSync, fork } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import { fileURLToPath } from 'node:url';
import { MessageChannel, Worker, workerData } from 'node:worker_threads';
import { isMain, Process, Queue } from 'manycore';

const [SMALL, TRIPS] = [200_000, 2000];
const MiB = 1 << 20;
/** Sizes of buffers, how many go before those that count (a queue makes its memory when it first needs it), how many count. */
const LARGE = { mib1: [MiB, 60, 400], mib64: [64 * MiB, 5, 12] };
/** Messages of each kind that go before those that count: memory that is used for the first time costs more. */
const [WARM_SMALL, WARM_TRIPS] = [5000, 100];

const small = i => ({ id: i, x: i * 0.5, y: -i });
const median = list => [...list].sort((a, b) => a - b)[list.length >> 1];
/** A consumer looks at what it gets: one byte a page. */
const touch = bytes => {
  let sum = 0;
  for (let i = 0; i < bytes.length; i += 4096) sum += bytes[i];
  return sum;
};
const perSecond = (count, ms) => (count / ms) * 1000;
const megabytes = (size, count, ms) => (size * count) / 1e3 / ms;

/** Does what it is told: `[what, size, count]`, until it is told nothing. */
export function produceSync(queue, back) {
  for (let told = back.getSync(); told !== null; told = back.getSync()) {
    const [what, size, count] = told;
    if (what === 'small') for (let i = 0; i < count; i++) queue.putSync(small(i));
    else if (what === 'trips') for (let i = 0; i < count; i++) queue.putSync(back.getSync());
    else {
      const payload = Buffer.alloc(size, 7);
      for (let i = 0; i < count; i++) queue.putSync(payload);
    }
  }
}

export async function produceAsync(queue, back) {
  for (let told = await back.get(); told !== null; told = await back.get()) {
    const [what, size, count] = told;
    if (what === 'small') for (let i = 0; i < count; i++) await queue.put(small(i));
    else if (what === 'trips') for (let i = 0; i < count; i++) await queue.put(await back.get());
    else {
      const payload = Buffer.alloc(size, 7);
      for (let i = 0; i < count; i++) await queue.put(payload);
    }
  }
}

async function queueSync() {
  const [queue, back] = [new Queue(), new Queue()];
  const producer = new Process({ target: produceSync, args: [queue, back] });
  producer.start();
  const timed = (what, size, warm, count, get) => {
    back.putSync([what, size, warm + count]);
    for (let i = 0; i < warm; i++) get();
    const start = performance.now();
    for (let i = 0; i < count; i++) get();
    return performance.now() - start;
  };
  const result = {
    small: perSecond(
      SMALL,
      timed('small', 0, WARM_SMALL, SMALL, () => queue.getSync()),
    ),
  };
  const borrow = () => {
    const message = queue.getBorrowedSync();
    touch(message.value);
    message.release();
  };
  for (const [name, [size, warm, count]] of Object.entries(LARGE)) {
    const copied = timed('large', size, warm, count, () => touch(queue.getSync()));
    result[name] = megabytes(size, count, copied);
    result[`${name}Borrowed`] = megabytes(size, count, timed('large', size, warm, count, borrow));
  }
  back.putSync(['trips', 0, WARM_TRIPS + TRIPS]);
  const trips = [];
  for (let i = 0; i < WARM_TRIPS + TRIPS; i++) {
    const start = performance.now();
    back.putSync(i);
    queue.getSync();
    if (i >= WARM_TRIPS) trips.push((performance.now() - start) * 1000);
  }
  result.trip = median(trips);
  back.putSync(null);
  await producer.join();
  return result;
}

async function queueAsync() {
  const [queue, back] = [new Queue(), new Queue()];
  const producer = new Process({ target: produceAsync, args: [queue, back] });
  producer.start();
  const timed = async (what, size, warm, count, get) => {
    await back.put([what, size, warm + count]);
    for (let i = 0; i < warm; i++) await get();
    const start = performance.now();
    for (let i = 0; i < count; i++) await get();
    return performance.now() - start;
  };
  const result = { small: perSecond(SMALL, await timed('small', 0, WARM_SMALL, SMALL, () => queue.get())) };
  const copy = async () => touch(await queue.get());
  const borrow = async () => {
    const message = await queue.getBorrowed();
    touch(message.value);
    message.release();
  };
  for (const [name, [size, warm, count]] of Object.entries(LARGE)) {
    result[name] = megabytes(size, count, await timed('large', size, warm, count, copy));
    result[`${name}Borrowed`] = megabytes(size, count, await timed('large', size, warm, count, borrow));
  }
  await back.put(['trips', 0, WARM_TRIPS + TRIPS]);
  const trips = [];
  for (let i = 0; i < WARM_TRIPS + TRIPS; i++) {
    const start = performance.now();
    await back.put(i);
    await queue.get();
    if (i >= WARM_TRIPS) trips.push((performance.now() - start) * 1000);
  }
  result.trip = median(trips);
  await back.put(null);
  await producer.join();
  return result;
}

const IPC_PRODUCER = 'as-ipc-producer';

/** The producer of the IPC side: does what it is told, and lets no backlog build up. */
function ipcProducer() {
  let answers = 0;
  const flood = (count, make) => {
    let i = 0;
    const go = () => {
      while (i < count) if (!process.send(make(i++))) return void setImmediate(go);
    };
    go();
  };
  process.on('message', message => {
    if (answers > 0) return void (answers--, process.send(message));
    const [what, size, count] = message;
    if (what === 'small') flood(count, small);
    else if (what === 'trips') answers = count;
    else {
      const payload = Buffer.alloc(size, 7);
      flood(count, () => payload);
    }
  });
}

async function nodeIpc() {
  const child = fork(fileURLToPath(import.meta.url), [IPC_PRODUCER], { serialization: 'advanced' });
  await once(child, 'spawn');
  const timed = (what, size, warm, count) => {
    child.send([what, size, warm + count]);
    return new Promise(resolve => {
      let [seen, start] = [0, 0];
      const onMessage = message => {
        if (what === 'large') touch(message);
        if (++seen === warm) start = performance.now();
        if (seen < warm + count) return;
        child.off('message', onMessage);
        resolve(performance.now() - start);
      };
      child.on('message', onMessage);
    });
  };
  const result = { small: perSecond(SMALL, await timed('small', 0, WARM_SMALL, SMALL)) };
  for (const [name, [size, warm, count]] of Object.entries(LARGE)) {
    result[name] = megabytes(size, count, await timed('large', size, warm, count));
  }
  child.send(['trips', 0, WARM_TRIPS + TRIPS]);
  result.trip = await tripsOf(child, i => child.send(i));
  child.disconnect();
  await once(child, 'exit');
  return result;
}

/** The median of round trips through something that emits 'message'. */
function tripsOf(emitter, send) {
  const trips = [];
  return new Promise(resolve => {
    let [i, start] = [0, performance.now()];
    const onMessage = () => {
      if (i >= WARM_TRIPS) trips.push((performance.now() - start) * 1000);
      if (++i < WARM_TRIPS + TRIPS) {
        start = performance.now();
        return void send(i);
      }
      emitter.off('message', onMessage);
      resolve(median(trips));
    };
    emitter.on('message', onMessage);
    send(i);
  });
}

const THREAD = 'as-thread';

async function messagePort() {
  const { port1, port2 } = new MessageChannel();
  const worker = new Worker(new URL(import.meta.url), {
    workerData: { role: THREAD, port: port2 },
    transferList: [port2],
  });
  await once(worker, 'online');
  const trip = await tripsOf(port1, i => port1.postMessage(i));
  port1.close();
  await worker.terminate();
  return { trip };
}

function cpython() {
  const script = fileURLToPath(new URL('./cpython-queue.py', import.meta.url));
  const counts = [SMALL, WARM_SMALL, TRIPS, ...Object.values(LARGE).flat()];
  try {
    const said = execFileSync('python3', [script, ...counts.map(String)], { encoding: 'utf8' });
    const { small: rate, large, trip } = JSON.parse(said);
    return { small: rate, ...Object.fromEntries(Object.keys(LARGE).map((name, i) => [name, large[i]])), trip };
  } catch (error) {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  }
}

const SIDES = {
  blocking: queueSync,
  awaited: queueAsync,
  CPython: cpython,
  'Node IPC': nodeIpc,
  MessagePort: messagePort,
};

/** Rows of the table: what is measured of which of our two sides, and the targets against each peer. */
const ROWS = [
  ['queue.small', 'Queue, small objects', 'msg/s', 'blocking', 'small', { CPython: '≥ 6 ×', 'Node IPC': '≥ 8 ×' }],
  [
    'queue.small.awaited',
    'Queue, small objects, awaited',
    'msg/s',
    'awaited',
    'small',
    { CPython: null, 'Node IPC': null },
  ],
  ['queue.1mib', 'Queue, 1 MiB buffers', 'MB/s', 'blocking', 'mib1', { CPython: '≥ 4 ×', 'Node IPC': null }],
  [
    'queue.1mib.awaited',
    'Queue, 1 MiB buffers, awaited',
    'MB/s',
    'awaited',
    'mib1',
    { CPython: '≥ 4 ×', 'Node IPC': null },
  ],
  ['queue.1mib.borrowed', 'Queue, 1 MiB buffers, borrowed', 'MB/s', 'blocking', 'mib1Borrowed', { CPython: '≥ 15 ×' }],
  [
    'queue.1mib.borrowed.awaited',
    'Queue, 1 MiB buffers, borrowed, awaited',
    'MB/s',
    'awaited',
    'mib1Borrowed',
    { CPython: '≥ 15 ×' },
  ],
  ['queue.64mib', 'Queue, 64 MiB buffers', 'MB/s', 'blocking', 'mib64', { CPython: '≥ 4 ×', 'Node IPC': null }],
  [
    'queue.64mib.awaited',
    'Queue, 64 MiB buffers, awaited',
    'MB/s',
    'awaited',
    'mib64',
    { CPython: '≥ 4 ×', 'Node IPC': null },
  ],
  [
    'queue.64mib.borrowed',
    'Queue, 64 MiB buffers, borrowed',
    'MB/s',
    'blocking',
    'mib64Borrowed',
    { CPython: '≥ 15 ×' },
  ],
  [
    'queue.64mib.borrowed.awaited',
    'Queue, 64 MiB buffers, borrowed, awaited',
    'MB/s',
    'awaited',
    'mib64Borrowed',
    { CPython: '≥ 15 ×' },
  ],
  ['queue.trip', 'Queue, round trip', 'µs', 'blocking', 'trip', { CPython: '≤ 0.3 ×', 'Node IPC': null }],
  [
    'queue.trip.awaited',
    'Queue, round trip, awaited',
    'µs',
    'awaited',
    'trip',
    { MessagePort: '≤ 1.5 ×', 'Node IPC': null },
  ],
];

function rowsOf(all) {
  const figure = (side, key) => {
    // A borrowed buffer is compared with what the peer can do: a copy.
    const values = all[side].map(result => result[key] ?? result[key.replace('Borrowed', '')]).filter(Number.isFinite);
    if (values.length === 0) return null;
    return { median: median(values), least: Math.min(...values), most: Math.max(...values), rounds: values.length };
  };
  return ROWS.map(([id, name, unit, side, key, targets]) => {
    const ours = figure(side, key);
    const peers = Object.fromEntries(Object.keys(targets).map(peer => [peer, figure(peer, key)]));
    const ratio = {};
    const met = {};
    for (const [peer, target] of Object.entries(targets)) {
      if (peers[peer] === null) continue;
      ratio[peer] = ours.median / peers[peer].median;
      const [, sign, bound] = /(.) ([\d.]+)/.exec(target ?? '') ?? [];
      if (target !== null) met[peer] = sign === '≥' ? ratio[peer] >= Number(bound) : ratio[peer] <= Number(bound);
    }
    const target = Object.fromEntries(Object.entries(targets).filter(([, text]) => text !== null));
    return { id, name, unit, ours, peers, ratio, target, met };
  });
}

function print(rows) {
  const digits = value => (value >= 100 ? Math.round(value).toLocaleString('en') : value.toPrecision(3));
  for (const { name, unit, ours, peers, ratio, target, met } of rows) {
    const against = Object.entries(peers).map(([peer, figure]) => {
      if (figure === null) return `${peer} missing`;
      const verdict = peer in met ? ` (${target[peer]}: ${met[peer] ? 'met' : 'missed'})` : '';
      return `${ratio[peer].toPrecision(3)} × ${peer} ${digits(figure.median)}${verdict}`;
    });
    console.log(`${name.padEnd(42)} ${digits(ours.median).padStart(10)} ${unit.padEnd(6)} ${against.join(', ')}`);
  }
}

async function main() {
  const given = process.argv.slice(2);
  const jsonFile = given.find(word => !/^\d+$/.test(word));
  const rounds = Number(given.find(word => /^\d+$/.test(word)) ?? 5);
  const all = Object.fromEntries(Object.keys(SIDES).map(name => [name, []]));
  for (let round = 0; round < rounds; round++) {
    for (const [name, run] of Object.entries(SIDES)) {
      const result = await run();
      if (result !== undefined) all[name].push(result);
    }
  }
  const rows = rowsOf(all);
  console.log(`Node ${process.version}, medians of ${rounds} rounds`);
  print(rows);
  if (jsonFile !== undefined) fs.writeFileSync(jsonFile, JSON.stringify(rows, null, 2));
}

if (workerData?.role === THREAD) workerData.port.on('message', message => workerData.port.postMessage(message));
else if (process.argv[2] === IPC_PRODUCER) ipcProducer();
else if (isMain(import.meta)) await main();
