import { AbortCause } from './abortLine.js';
import type { CallOptions, ChunkOptions, ImapOptions } from './callOptions.js';
import { checkBufferSize, checkChunkSize } from './callOptions.js';
import type { AnyFunction } from './functions.js';
import { ImapIterator } from './imapIterator.js';
import { Collector } from './collector.js';
import { collected, isAsyncIterable, openInputs, type Inputs } from './inputs.js';
import { OutcomeJob } from './jobs.js';
import { Limit } from './limits.js';
import { startMap, submitAll } from './mapping.js';
import { TaskKind } from './messages.js';
import { Outcome, type Callbacks } from './outcome.js';
import { Meter, totalOf } from './progress.js';
import type { Runner } from './runner.js';
import type { Job, Task } from './task.js';

/** Inputs an imap takes ahead of its reader when nobody says otherwise: chunks for every worker, and not too few. */
const CHUNKS_AHEAD = 4;
const LEAST_AHEAD = 32;

/** One call. Throws what `checkRunning` throws, TypeError, PicklingError. */
export function submitCall(runner: Runner, job: Job, f: AnyFunction, args: readonly unknown[], priority = 0): Task {
  runner.checkRunning();
  if (!Array.isArray(args)) throw new TypeError(`args must be an array of arguments, not ${typeof args}`);
  const fn = runner.dispatcher.functionEntry(f);
  return runner.dispatcher.submit({ job, index: 0, fn, kind: TaskKind.call, calls: 1, group: 0, priority }, args);
}

/** One call within limits. A signal that has been aborted already fails the outcome, and nothing is sent. */
export function apply<R>(
  runner: Runner,
  f: AnyFunction,
  args: readonly unknown[],
  options: CallOptions & Callbacks<R>,
): Outcome<R> {
  const outcome = new Outcome<R>(options);
  if (options.signal?.aborted === true) {
    runner.checkRunning();
    outcome.fail(options.signal.reason);
    return outcome;
  }
  const task = submitCall(runner, new OutcomeJob(outcome), f, args, options.priority);
  limit(runner, outcome, [task], options);
  return outcome;
}

/** A map. Throws what one call throws, and what synchronous inputs throw. */
export function map<R>(
  runner: Runner,
  f: AnyFunction,
  inputs: Inputs<unknown>,
  kind: TaskKind,
  options: ChunkOptions & CallOptions & Callbacks<R[]>,
): Outcome<R[]> {
  const { signal, priority = 0 } = options;
  const plan = { kind, chunkSize: checkChunkSize(options.chunkSize), priority, progress: options.progress };
  runner.checkRunning();
  runner.dispatcher.functionEntry(f);
  const outcome = new Outcome<R[]>(options);
  const start = (items: readonly unknown[]): void => {
    signal?.throwIfAborted();
    limit(runner, outcome, startMap(runner, outcome, f, items, plan), options);
  };
  if (signal?.aborted === true) {
    outcome.fail(signal.reason);
  } else if (isAsyncIterable(inputs)) {
    const collector = new Collector(inputs, signal);
    runner.addSource(collector);
    collector.all
      .then(start)
      .catch((error: unknown) => outcome.fail(error))
      .finally(() => runner.removeSource(collector));
  } else {
    start(collected(inputs));
  }
  return outcome;
}

/** An imap. Throws as a map does. */
export function iterate<T, R>(
  runner: Runner,
  f: AnyFunction,
  inputs: Inputs<T>,
  ordered: boolean,
  options: ImapOptions,
): ImapIterator<T, R> {
  const { signal, priority = 0 } = options;
  const chunkSize = checkChunkSize(options.chunkSize) ?? 1;
  const ahead = Math.max(LEAST_AHEAD, CHUNKS_AHEAD * runner.size * chunkSize);
  const bufferSize = checkBufferSize(options.bufferSize) ?? ahead;
  runner.checkRunning();
  signal?.throwIfAborted();
  const fn = runner.dispatcher.functionEntry(f);
  const iterator: ImapIterator<T, R> = new ImapIterator({
    source: openInputs(inputs),
    chunkSize,
    bufferSize,
    ordered,
    signal,
    meter: Meter.open(options.progress, totalOf(inputs), runner.row),
    submit: (job, items, from) => {
      const group = chunkSize > 1 ? ++groups : 0;
      const plan = { job, fn, kind: TaskKind.item, calls: 1, group, priority };
      const { dispatcher } = runner;
      return submitAll(dispatcher, items.length, i => dispatcher.submit({ ...plan, index: from + i }, items[i]));
    },
    cancel: tasks => runner.dispatcher.cancel(tasks, AbortCause.aborted, options.grace),
    exhausted: () => runner.removeSource(iterator),
  });
  runner.addSource(iterator);
  return iterator.start();
}

let groups = 0;

function limit<R>(runner: Runner, outcome: Outcome<R>, tasks: readonly Task[], options: CallOptions): void {
  const limit = Limit.set(runner, tasks, options, reason => outcome.fail(reason));
  if (limit !== undefined) outcome.onSettled(() => limit.lift());
}
