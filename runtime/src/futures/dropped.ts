import type { Runner } from '../pool/ground.js';

/** An executor that nobody can reach any more gets no more calls: its workers end when they have done what there is. */
const dropped = new FinalizationRegistry<Runner>(runner => runner.close());

export function watchForDropped(executor: object, runner: Runner): void {
  dropped.register(executor, runner);
}
