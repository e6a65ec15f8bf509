// bench:sync: the synchronisation objects against CPython's, alone and between two processes.
import { pythonSide, startPython } from '../harness/python.mjs';
import { startOurs, startWaiters } from './ours.mjs';

const ROWS = [
  ['lock', 'uncontended Lock, acquire + release, sync', 1_000_000, 0.6],
  // So many that they overlap: a shorter fight is over on one side before the other side's process is up.
  ['fight', 'two processes fighting for one Lock, a section', 1_000_000, 0.25],
  ['handOver', 'Lock hand-over, two processes in turn', 10_000, 1],
  ['semaphore', 'uncontended Semaphore, acquire + release, sync', 1_000_000],
  ['rlock', 'uncontended RLock, acquire + release, sync', 1_000_000],
  ['event', 'Event, there and back', 3000],
  ['condition', 'Condition, notify and be notified', 3000],
  ['barrier', 'Barrier, a round of two', 3000],
  // CPython has nothing to await; what it is compared with is the call that blocks.
  ['lockAwaited', 'uncontended Lock, acquire awaited + release', 200_000, undefined, 'lock'],
  ['handOverAwaited', 'Lock hand-over, two processes in turn, awaited', 3000, undefined, 'handOver'],
];

export async function open({ quick = 1 }) {
  const ours = await startOurs();
  const python = await startPython(new URL('cpython.py', import.meta.url));
  const cases = ROWS.map(([what, name, full, value, theirs = what]) => {
    const n = Math.max(10, Math.round(full * quick));
    return {
      ...{ id: `sync.${what}`, name, unit: 'ns' },
      ours: { name: 'manycore', run: () => ours.ask(what, n) },
      peers: [pythonSide(python, theirs, n)],
      targets: value === undefined ? [] : [{ against: 'CPython', bound: '≤', value }],
    };
  });
  const growth = {
    ...{ id: 'lock-hand-over', title: 'Lock hand-over against processes that wait', share: 3 },
    ...{
      x: 'processes asleep before the lock',
      y: 'µs a hand-over',
      values: quick < 0.1 ? [1, 2] : [1, 2, 4, 8, 16, 32],
    },
    sides: [
      { name: 'manycore', at: startWaiters },
      {
        ...{ name: 'CPython', missing: python.missing },
        async at(count) {
          await python.ask('waiters', count);
          return { run: () => python.ask('drain', count), close: () => python.ask('leave', count) };
        },
      },
    ],
  };
  return {
    cases,
    growth: [growth],
    async close() {
      await ours.stop();
      await python.stop?.();
    },
  };
}
