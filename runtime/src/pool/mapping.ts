import type { Dispatcher } from './dispatcher.js';
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
  runner.checkWorking();
  const fn = runner.dispatcher.functionEntry(f);
  const usual = defaultChunkSize(items.length, runner.size);
  const size = chunkSize ?? (progress ? Math.min(usual, Math.ceil(items.length / STEPS)) || 1 : usual);
  const meter = Meter.open(progress, items.length, runner.row);
  outcome.onSettled(() => meter.close());
  const job = new MapJob(outcome, { inputs: items.length, size, meter });
  try {
    return submitAll(runner.dispatcher, Math.ceil(items.length / size), index => {
      const chunk = size >= items.length ? items : items.slice(index * size, (index + 1) * size);
      const payload = kind === TaskKind.starChunk ? chunk.map(argumentsOf) : chunk;
      return runner.dispatcher.submit({ job, index, fn, kind, calls: chunk.length, group: 0, priority }, payload);
    });
  } catch (error) {
    meter.close();
    throw error;
  }
}

/** Hands in so many tasks of one call. Throws what one of them throws, and then none of them runs. */
export function submitAll(dispatcher: Dispatcher, count: number, submit: (index: number) => Task): Task[] {
  const tasks: Task[] = [];
  try {
    for (let i = 0; i < count; i++) tasks.push(submit(i));
  } catch (error) {
    dispatcher.cancel(tasks);
    throw error;
  }
  return tasks;
}
