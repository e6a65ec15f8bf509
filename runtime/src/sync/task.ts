import type { AsyncHook } from 'node:async_hooks';
import { asyncHooks } from '../lazyNode.js';

/**
 * Which async task runs: what an RLock is owned by, beside the process. JavaScript has no name for that, so a task is
 * born when it acquires: the code that awaits the promise of an `acquire`, and everything that code goes on to call
 * and await, is the task of that acquire. Code that was merely running when the acquire was made is not, so two
 * functions started side by side exclude each other, and a function that acquires twice does not wait for itself.
 *
 * Node's promise hooks tell who awaits what. They slow promises down, so they are on only while some task lives:
 * from the call of an `acquire` until the release.
 */
export type TaskId = number;

/** Owns what was acquired by a Sync form outside any task: all code of the process that is in no task. */
const PROCESS_TASK: TaskId = 1;

interface LivingTask {
  /** Locks held, awaited or lent to a condition in its name. */
  holds: number;
  /** The promise whose continuation is the task. */
  promise: number;
}

const TASKS = Symbol('manycore.tasks');
/** The tasks an execution belongs to: one for each nested acquire of different locks. */
interface Resource {
  [TASKS]?: readonly TaskId[];
}

const living = new Map<TaskId, LivingTask>();
const byPromise = new Map<number, TaskId>();
let lastTask: TaskId = PROCESS_TASK;
let unborn: TaskId | undefined;

/** Made when the first task is born. */
let hook: AsyncHook | undefined;
let execution: () => object = () => process;

function makeHook(): AsyncHook {
  const { createHook, executionAsyncResource } = asyncHooks();
  execution = executionAsyncResource;
  return createHook({
    init(asyncId, type, triggerAsyncId, resource: Resource) {
      if (unborn !== undefined && type === 'PROMISE') {
        const task = living.get(unborn);
        if (task !== undefined) task.promise = asyncId;
        byPromise.set(asyncId, unborn);
        unborn = undefined;
      }
      const inherited = (execution() as Resource | undefined)?.[TASKS];
      const born = byPromise.get(triggerAsyncId);
      if (born === undefined) {
        if (inherited !== undefined) resource[TASKS] = inherited;
      } else if (inherited === undefined) {
        resource[TASKS] = [born];
      } else {
        resource[TASKS] = [...inherited.filter(task => living.has(task) && task !== born), born];
      }
    },
  });
}

/** Makes a task; it lives until `release` has been called once more often than `retain`. */
export function create(): TaskId {
  if (living.size === 0) (hook ??= makeHook()).enable();
  do lastTask = lastTask === 0x7fff_ffff ? PROCESS_TASK + 1 : lastTask + 1;
  while (living.has(lastTask));
  living.set(lastTask, { holds: 1, promise: 0 });
  return lastTask;
}

export function retain(task: TaskId): void {
  const found = living.get(task);
  if (found !== undefined) found.holds++;
}

export function release(task: TaskId): void {
  const found = living.get(task);
  if (found === undefined || --found.holds > 0) return;
  living.delete(task);
  byPromise.delete(found.promise);
  if (living.size === 0) hook?.disable();
}

/** A promise whose continuations are the task. */
export function deliver<T>(task: TaskId, source: Promise<T>): Promise<T> {
  unborn = task;
  const promise = new Promise<T>((resolve, reject) => {
    unborn = undefined;
    source.then(resolve, reject);
  });
  return promise;
}

/** Whether the running code belongs to the task; the process's own is everything that is in no living task. */
export function isRunning(task: TaskId): boolean {
  const tasks = running();
  return task === PROCESS_TASK ? !tasks.some(each => living.has(each)) : tasks.includes(task);
}

/** In whose name a Sync form acquires. */
export function current(): TaskId {
  return running().findLast(task => living.has(task)) ?? PROCESS_TASK;
}

const running = (): readonly TaskId[] =>
  living.size === 0 ? NONE : ((execution() as Resource | undefined)?.[TASKS] ?? NONE);
const NONE: readonly TaskId[] = [];
