import type { Runner } from './runner.js';

/** Pools that nobody can reach any more, and that nobody has closed (Python: a ResourceWarning). */
const dropped = new FinalizationRegistry<Runner>(runner => {
  if (runner.state !== 'running') return;
  process.emitWarning(`unclosed running multiprocessing pool ${runner.row.name}`, {
    type: 'ResourceWarning',
    code: 'MANYCORE_UNCLOSED_POOL',
  });
  // What it was asked for is still wanted: somebody may hold its results.
  runner.close();
});

export function watchForLeaks(pool: object, runner: Runner): void {
  dropped.register(pool, runner);
}
