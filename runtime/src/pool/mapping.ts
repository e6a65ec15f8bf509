import type { AnyFunction } from './functions.js';
import { argumentsOf, defaultChunkSize } from './inputs.js';
import { MapJob } from './jobs.js';
import { TaskKind } from './messages.js';
import type { Outcome } from './outcome.js';
import type { Runner } from './runner.js';
import type { Task } from './task.js';

export interface MapPlan {
  readonly kind: TaskKind;
  readonly chunkSize: number | undefined;
  readonly priority: number;
}

/** Hands a map's chunks to the pool. Throws what cannot be sent, and then nothing of the map runs. */
export function startMap<R>(
  runner: Runner,
  outcome: Outcome<R[]>,
  f: AnyFunction,
  items: readonly unknown[],
  { kind, chunkSize, priority }: MapPlan,
): Task[] {
  runner.checkRunning();
  const fn = runner.dispatcher.functionEntry(f);
  const size = chunkSize ?? defaultChunkSize(items.length, runner.size);
  const job = new MapJob(outcome, Math.ceil(items.length / size));
  const tasks: Task[] = [];
  try {
    for (let from = 0, index = 0; from < items.length; from += size, index++) {
      const chunk = size >= items.length ? items : items.slice(from, from + size);
      const payload = kind === TaskKind.starChunk ? chunk.map(argumentsOf) : chunk;
      const plan = { job, index, fn, kind, calls: chunk.length, group: 0, priority };
      tasks.push(runner.dispatcher.submit(plan, payload));
    }
  } catch (error) {
    runner.dispatcher.cancel(tasks);
    throw error;
  }
  return tasks;
}
