import * as channel from './channel/index.js';
import * as errors from './errors.js';
import { ValueError } from './errors.js';
import * as logging from './logging/index.js';
import { Pool } from './pool/index.js';
import * as processes from './process/index.js';
import { checkStartMethod, settleStartMethod, type StartMethod } from './process/index.js';
import * as sync from './sync/index.js';

/** What Python's contexts have of what there is here. */
function members() {
  const { Process, activeChildren, cpuCount, currentProcess, freezeSupport, parentProcess, setExecutable } = processes;
  const { Barrier, BoundedSemaphore, Condition, Event, Lock, RLock, Semaphore } = sync;
  const { JoinableQueue, Pipe, Queue, SimpleQueue } = channel;
  const { AuthenticationError, BufferTooShort, ProcessError, TimeoutError } = errors;
  const { getLogger, logToStderr } = logging;
  return {
    ...{ Process, Pool, activeChildren, cpuCount, currentProcess, freezeSupport, parentProcess, setExecutable },
    ...{ Barrier, BoundedSemaphore, Condition, Event, Lock, RLock, Semaphore },
    ...{ JoinableQueue, Pipe, Queue, SimpleQueue, getLogger, logToStderr },
    ...{ AuthenticationError, BufferTooShort, ProcessError, TimeoutError },
  };
}

/**
 * The classes and functions of this module under one start method, for code that is handed them (Python:
 * `multiprocessing.context.SpawnContext`). They are the module's own: objects of all contexts go together.
 */
export interface Context extends Readonly<ReturnType<typeof members>> {
  getStartMethod(): StartMethod;
  /** Itself; another one if another method is named. */
  getContext(method?: StartMethod): Context;
  /** Throws ValueError: that of a context is fixed. */
  setStartMethod(method: StartMethod | null, options?: { readonly force?: boolean | undefined }): never;
}

let spawnContext: Context | undefined;

/**
 * The context of a start method, or of this process's own, which is settled by that (Python:
 * `multiprocessing.get_context`). Throws ValueError for a method that is not there; for `'fork'`, which Node cannot
 * do, and `'forkserver'` it says why.
 */
export function getContext(method?: StartMethod): Context {
  checkStartMethod(method ?? settleStartMethod());
  return (spawnContext ??= makeContext('spawn'));
}

function makeContext(startMethod: StartMethod): Context {
  const context: Context = {
    ...members(),
    getStartMethod: () => startMethod,
    getContext: method => (method === undefined ? context : getContext(method)),
    setStartMethod: () => {
      throw new ValueError('cannot set start method of concrete context');
    },
  };
  return Object.freeze(context);
}
