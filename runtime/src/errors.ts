/**
 * Every error the library throws on purpose. Names are Python's where Python has a public name; `code` is stable and
 * safe to switch on, messages are for people and may change.
 */
abstract class CodedError extends Error {
  abstract readonly code: string;
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    Object.defineProperty(this, 'name', { value: new.target.name, configurable: true, writable: true });
  }
}

/** Base of the errors about processes (Python: `multiprocessing.ProcessError`). */
export class ProcessError extends CodedError {
  readonly code: string = 'ERR_MANYCORE_PROCESS';
}

/** A wait with a `timeout` ran out (Python: `multiprocessing.TimeoutError`). */
export class TimeoutError extends ProcessError {
  override readonly code = 'ETIMEDOUT';
}

/** The buffer given to `recvBytesInto` is too small; `data` holds the whole message, which has been consumed. */
export class BufferTooShort extends ProcessError {
  override readonly code = 'ERR_MANYCORE_BUFFER_TOO_SHORT';
  readonly data: Uint8Array;
  constructor(message: string, data: Uint8Array) {
    super(message);
    this.data = data;
  }
}

/** The two ends of a connection do not share a key (Python: `multiprocessing.AuthenticationError`). */
export class AuthenticationError extends ProcessError {
  override readonly code = 'ERR_MANYCORE_AUTHENTICATION';
}

/** Nothing to get from a queue in time (Python: `queue.Empty`). */
export class Empty extends CodedError {
  readonly code = 'ERR_MANYCORE_EMPTY';
}

/** No room in a queue in time (Python: `queue.Full`). */
export class Full extends CodedError {
  readonly code = 'ERR_MANYCORE_FULL';
}

/** A barrier was aborted, reset or timed out while somebody waited (Python: `threading.BrokenBarrierError`). */
export class BrokenBarrierError extends CodedError {
  readonly code = 'ERR_MANYCORE_BROKEN_BARRIER';
}

/** An argument has the right type and a wrong value, or the object is in a state that refuses it (Python: `ValueError`). */
export class ValueError extends CodedError {
  readonly code = 'ERR_MANYCORE_VALUE';
}

/** The call breaks a rule of use, such as starting a process twice (Python: `AssertionError`). */
export class AssertionError extends CodedError {
  readonly code = 'ERR_MANYCORE_ASSERTION';
}

/** The call is impossible now, such as starting a process from an unguarded module (Python: `RuntimeError`). */
export class RuntimeError extends CodedError {
  readonly code: string = 'ERR_MANYCORE_RUNTIME';
}

/**
 * Thrown in the target or `run` of a process, ends that process with `status` (Python: `SystemExit`, `sys.exit`): an
 * integer is the exit code, cut to a byte; nothing, null and false are 0, true is 1; anything else goes to stderr, and
 * the exit code is 1. A task of a pool that throws it does not end its worker: the call rejects with it. In the main
 * process it is an error like any other.
 */
export class SystemExit extends CodedError {
  readonly code = 'ERR_MANYCORE_SYSTEM_EXIT';
  /** What was given (Python: `code`). */
  readonly status: unknown;
  constructor(status?: unknown) {
    super(typeof status === 'string' || typeof status === 'number' ? String(status) : '');
    this.status = status;
  }
}

/** The sending side is gone and everything it sent has been read (Python: `EOFError`). */
export class EOFError extends CodedError {
  readonly code = 'ERR_MANYCORE_EOF';
}

/** The operating system refused: no memory, no room, no permission. `code` is the system's own (`ENOSPC`, …). */
export class OSError extends CodedError {
  readonly code: string;
  constructor(code: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** A value cannot be sent to another process; the message says where in the value, why, and what to do. */
export class PicklingError extends CodedError {
  readonly code = 'ERR_MANYCORE_PICKLING';
}

/** Bytes that no sender of this version wrote, or that name something this process cannot import. */
export class UnpicklingError extends CodedError {
  readonly code = 'ERR_MANYCORE_UNPICKLING';
}

/** A task's result, or the error it threw, cannot be sent back (Python: `multiprocessing.pool.MaybeEncodingError`). */
export class MaybeEncodingError extends CodedError {
  readonly code = 'ERR_MANYCORE_MAYBE_ENCODING';
  readonly exc: string;
  readonly value: string;
  constructor(exc: string, value: string) {
    super(`Error sending result: '${value}'. Reason: '${exc}'`);
    this.exc = exc;
    this.value = value;
  }
}

/** The message is what Python prints. */
const BEFORE_TRACEBACK = '\n"""\n';
const AFTER_TRACEBACK = '\n"""';

/**
 * The stack of an error as it was in the worker; set as the `cause` of the error a task rejects with. Its properties are
 * accessors, so that an error that nobody catches is printed once, not once for each of them.
 */
export class RemoteTraceback extends CodedError {
  get code(): 'ERR_MANYCORE_REMOTE_TRACEBACK' {
    return 'ERR_MANYCORE_REMOTE_TRACEBACK';
  }

  constructor(tb: string) {
    super(`${BEFORE_TRACEBACK}${tb}${AFTER_TRACEBACK}`);
    this.stack = tb;
  }

  /** The worker's stack. It is kept in the message, which travels. */
  get tb(): string {
    return this.message.slice(BEFORE_TRACEBACK.length, -AFTER_TRACEBACK.length);
  }
}

/** A manager failed to serve a call (Python: `multiprocessing.managers.RemoteError`). */
export class RemoteError extends CodedError {
  readonly code = 'ERR_MANYCORE_REMOTE';
}

/** A pool worker died while it held this task. */
export class WorkerLostError extends ProcessError {
  override readonly code = 'ERR_MANYCORE_WORKER_LOST';
  readonly pid: number;
  /** The worker's exit code, negative for a signal (-9 for SIGKILL); null when the system did not say. */
  readonly exitCode: number | null;
  readonly signal: string | null;
  readonly task: string;
  constructor(message: string, lost: { pid: number; exitCode: number | null; signal: string | null; task: string }) {
    super(message);
    this.pid = lost.pid;
    this.exitCode = lost.exitCode;
    this.signal = lost.signal;
    this.task = lost.task;
  }
}

/** The pool was terminated before this task had a result. */
export class PoolTerminatedError extends ProcessError {
  override readonly code = 'ERR_MANYCORE_POOL_TERMINATED';
}

/** The pool cannot work: its initializer threw, or its workers cannot start. */
export class BrokenPoolError extends ProcessError {
  override readonly code = 'ERR_MANYCORE_BROKEN_POOL';
}

/** The future was cancelled before it ran (Python: `concurrent.futures.CancelledError`). */
export class CancelledError extends CodedError {
  readonly code = 'ERR_MANYCORE_CANCELLED';
}

/** The future is in a state that does not allow that (Python: `concurrent.futures.InvalidStateError`). */
export class InvalidStateError extends CodedError {
  readonly code = 'ERR_MANYCORE_INVALID_STATE';
}

/** An executor that can never work again (Python: `concurrent.futures.BrokenExecutor`). */
export class BrokenExecutor extends RuntimeError {
  override readonly code: string = 'ERR_MANYCORE_BROKEN_EXECUTOR';
}

/** A worker of the executor has died, or its initializer failed (Python: `concurrent.futures.process.BrokenProcessPool`). */
export class BrokenProcessPool extends BrokenExecutor {
  override readonly code = 'ERR_MANYCORE_BROKEN_PROCESS_POOL';
}

/** The machine lacks what the library stands on (koffi's binary, shared memory); the message says the way out. */
export class PlatformError extends RuntimeError {
  override readonly code: string = 'ERR_MANYCORE_PLATFORM';
}
