import * as channel from './channel/index.js';
import * as errors from './errors.js';
import { ValueError } from './errors.js';
import * as logging from './logging/index.js';
import { Pool, type PoolOptions } from './pool/index.js';
import * as processes from './process/index.js';
import { checkStartMethod, getAllStartMethods, settleStartMethod, type StartMethod } from './process/index.js';
import * as sync from './sync/index.js';

/** What Python's contexts have of what there is here, under one start method. */
function members(method: StartMethod) {
  const { activeChildren, cpuCount, currentProcess, freezeSupport, parentProcess } = processes;
  const { setExecutable, setForkserverPreload } = processes;
  const Process = PROCESSES[method];
  const { Barrier, BoundedSemaphore, Condition, Event, Lock, RLock, Semaphore } = sync;
  const { JoinableQueue, Pipe, Queue, SimpleQueue } = channel;
  const { AuthenticationError, BufferTooShort, ProcessError, TimeoutError } = errors;
  const { getLogger, logToStderr } = logging;
  return {
    ...{ Process, Pool: poolOf(method), activeChildren, cpuCount, currentProcess, freezeSupport, parentProcess },
    ...{ getAllStartMethods, setExecutable, setForkserverPreload },
    ...{ Barrier, BoundedSemaphore, Condition, Event, Lock, RLock, Semaphore },
    ...{ JoinableQueue, Pipe, Queue, SimpleQueue, getLogger, logToStderr },
    ...{ AuthenticationError, BufferTooShort, ProcessError, TimeoutError },
  };
}

/** One class for both in the eyes of the compiler: what differs between them is not seen from outside. */
const PROCESSES: Readonly<Record<StartMethod, typeof processes.Process>> = {
  spawn: processes.SpawnProcess,
  forkserver: processes.ForkServerProcess,
};

function poolOf(method: StartMethod): typeof Pool {
  const Own = class extends Pool {
    constructor(options?: number | PoolOptions) {
      super({ ...(typeof options === 'number' ? { processes: options } : options), context: getContext(method) });
    }
  };
  return Object.defineProperty(Own, 'name', { value: Pool.name });
}

/**
 * The classes and functions of this module under one start method, for code that is handed them (Python:
 * `multiprocessing.context.SpawnContext`, `ForkServerContext`). `Process` and `Pool` start by that method, whatever the
 * process's own is, and so do their subclasses. The rest is the module's own: objects of all contexts go together.
 */
export interface Context extends Readonly<ReturnType<typeof members>> {
  getStartMethod(): StartMethod;
  /** Itself; another one if another method is named. */
  getContext(method?: StartMethod | null): Context;
  /** Throws ValueError: that of a context is fixed. */
  setStartMethod(method: StartMethod | null, options?: { readonly force?: boolean | undefined }): never;
}

/** What they are called where they are printed. */
class SpawnContext {}
class ForkServerContext {}
const CONTEXTS = { spawn: SpawnContext, forkserver: ForkServerContext };

const contexts = new Map<StartMethod, Context>();

/**
 * The context of a start method, or of this process's own, which is settled by that (Python:
 * `multiprocessing.get_context`). Throws ValueError for a method that is not there; for `'fork'`, which Node cannot
 * do, it says why.
 */
export function getContext(method?: StartMethod | null): Context {
  const checked = checkStartMethod(method ?? settleStartMethod());
  const context = contexts.get(checked) ?? makeContext(checked);
  contexts.set(checked, context);
  return context;
}

function makeContext(startMethod: StartMethod): Context {
  const context: Context = Object.assign(new CONTEXTS[startMethod](), {
    ...members(startMethod),
    getStartMethod: (): StartMethod => startMethod,
    getContext: (method?: StartMethod | null) => (method == null ? context : getContext(method)),
    setStartMethod: (): never => {
      throw new ValueError('cannot set start method of concrete context');
    },
  });
  return Object.freeze(context);
}
