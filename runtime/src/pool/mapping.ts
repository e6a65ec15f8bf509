import type { AnyFunction } from './functions.js';
import { argumentsOf, defaultChunkSize } from './inputs.js';
import { MapJob } from './jobs.js';
import { TaskKind } from './messages.js';
import type { Outcome } from './outcome.js';
import { Meter, type ProgressOption } from './progress.js';
import type { Runner } from './runner.js';
import type { Task } from './task.js';

export interface MapPlan {
  readonly kind: TaskKind;
  readonly chunkSize: number | undefined;
  readonly priority: number;
  readonly progress: ProgressOption | undefined;
}

/** Who wants to see how far a map is sees it move at least so often. */
const STEPS = 100;

/** Hands a map's chunks to the pool. Throws what cannot be sent, and then nothing of the map runs. */
export function startMap<R>(
  runner: Runner,
  outcome: Outcome<R[]>,
  f: AnyFunction,
  items: readonly unknown[],
  { kind, chunkSize, priority, progress }: MapPlan,
): Task[] {
  runner.checkRunning();
  const fn = runner.dispatcher.functionEntry(f);
  const usual = defaultChunkSize(items.length, runner.size);
  const size = chunkSize ?? (progress ? Math.min(usual, Math.ceil(items.length / STEPS)) || 1 : usual);
  const meter = Meter.open(progress, items.length, runner.row);
  outcome.onSettled(() => meter.close());
  const job = new MapJob(outcome, { inputs: items.length, size, meter });
  const tasks: Task[] = [];
  try {
    for (let from = 0, index = 0; from < items.length; from += size, index++) {
      const chunk = size >= items.length ? items : items.slice(from, from + size);
      const payload = kind === TaskKind.starChunk ? chunk.map(argumentsOf) : chunk;
      const plan = { job, index, fn, kind, calls: chunk.length, group: 0, priority };
      tasks.push(runner.dispatcher.submit(plan, payload));
    }
  } catch (error) {
    meter.close();
    runner.dispatcher.cancel(tasks);
    throw error;
  }
  return tasks;
}
