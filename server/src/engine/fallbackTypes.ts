/**
 * The runtime's declarations, as far as the rules look at them, for a workspace that has not installed `manycore`: a
 * file just typed is checked all the same. A test holds them against the real package's declarations.
 */
export const FALLBACK_PATH = '/node_modules/.manycore-check/manycore/index.d.ts';

export const FALLBACK_TYPES = `
export interface WaitOptions { block?: boolean; timeout?: number; signal?: AbortSignal }
export interface ProcessOptions<A extends unknown[] = unknown[]> {
  target?: (...args: A) => unknown; args?: A; name?: string; daemon?: boolean;
  stdio?: unknown; execArgv?: string[]; env?: Record<string, string | undefined>;
}
export declare class Process<A extends unknown[] = unknown[]> {
  constructor(options?: ProcessOptions<A>);
  name: string; daemon: boolean; authKey: Uint8Array;
  readonly pid: number | null; readonly ident: number | null; readonly exitCode: number | null;
  readonly sentinel: unknown;
  start(): void; run(): unknown;
  join(options?: { timeout?: number; signal?: AbortSignal }): Promise<boolean>;
  isAlive(): boolean; terminate(): void; kill(): void; interrupt(): void; close(): void;
  [Symbol.asyncDispose](): Promise<void>;
}
export interface ProcessInfo { readonly name: string; readonly pid: number; readonly daemon: boolean; isAlive(): boolean;
  join(options?: { timeout?: number }): Promise<boolean> }
export declare function currentProcess(): ProcessInfo;
export declare function parentProcess(): ProcessInfo | null;
export declare function activeChildren(): Process[];
export declare function cpuCount(): number;
export declare function isMain(meta: unknown): boolean;
export declare function expose(meta: unknown, functions: Record<string, unknown>): void;
export declare function freezeSupport(): void;
export interface PoolOptions { processes?: number; initializer?: (...args: any[]) => unknown; initArgs?: unknown[];
  maxTasksPerChild?: number; name?: string; daemon?: boolean }
export interface MapOptions { chunkSize?: number; timeout?: number; signal?: AbortSignal }
export interface AsyncOptions<R> { chunkSize?: number; callback?: (value: R) => void; errorCallback?: (error: unknown) => void }
export declare class Pool {
  constructor(options?: number | PoolOptions);
  map<T, R>(f: (item: T) => R, items: Iterable<T>, options?: MapOptions): Promise<Awaited<R>[]>;
  mapAsync<T, R>(f: (item: T) => R, items: Iterable<T>, options?: AsyncOptions<Awaited<R>[]>): AsyncResult<Awaited<R>[]>;
  starmap<A extends unknown[], R>(f: (...args: A) => R, items: Iterable<A>, options?: MapOptions): Promise<Awaited<R>[]>;
  starmapAsync<A extends unknown[], R>(f: (...args: A) => R, items: Iterable<A>,
    options?: AsyncOptions<Awaited<R>[]>): AsyncResult<Awaited<R>[]>;
  imap<T, R>(f: (item: T) => R, items: Iterable<T> | AsyncIterable<T>, options?: MapOptions & { bufferSize?: number }):
    AsyncIterableIterator<Awaited<R>>;
  imapUnordered<T, R>(f: (item: T) => R, items: Iterable<T> | AsyncIterable<T>,
    options?: MapOptions & { bufferSize?: number }): AsyncIterableIterator<Awaited<R>>;
  apply<A extends unknown[], R>(f: (...args: A) => R, args?: A, options?: { timeout?: number; signal?: AbortSignal }):
    Promise<Awaited<R>>;
  applyAsync<A extends unknown[], R>(f: (...args: A) => R, args?: A, options?: AsyncOptions<Awaited<R>>):
    AsyncResult<Awaited<R>>;
  close(): void; terminate(): void; join(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}
export declare class AsyncResult<R> {
  get(options?: { timeout?: number }): Promise<R>; wait(options?: { timeout?: number }): Promise<void>;
  ready(): boolean; successful(): boolean;
}
export declare class Future<R = unknown> {
  cancel(): boolean; cancelled(): boolean; running(): boolean; done(): boolean; readonly promise: Promise<R>;
  result(options?: { timeout?: number; signal?: AbortSignal }): Promise<R>;
  exception(options?: { timeout?: number; signal?: AbortSignal }): Promise<unknown>;
  addDoneCallback(callback: (future: Future<R>) => unknown): void;
  setRunningOrNotifyCancel(): boolean; setResult(value: R): void; setException(error: unknown): void;
}
export interface ExecutorOptions { maxWorkers?: number; context?: unknown; initializer?: (...args: any[]) => unknown;
  initArgs?: unknown[]; maxTasksPerChild?: number }
export interface ExecutorMapOptions { timeout?: number; chunkSize?: number; bufferSize?: number; signal?: AbortSignal }
export declare class ProcessPoolExecutor {
  constructor(options?: ExecutorOptions);
  readonly name: string;
  submit<A extends unknown[], R>(f: (...args: A) => R, ...args: A): Future<Awaited<R>>;
  map<A, R>(f: (a: A) => R, as: Iterable<A> | AsyncIterable<A>, options?: ExecutorMapOptions):
    AsyncIterableIterator<Awaited<R>>;
  map<A, B, R>(f: (a: A, b: B) => R, as: Iterable<A> | AsyncIterable<A>, bs: Iterable<B> | AsyncIterable<B>,
    options?: ExecutorMapOptions): AsyncIterableIterator<Awaited<R>>;
  map<R>(f: (...args: any[]) => R, ...inputsAndOptions: any[]): AsyncIterableIterator<Awaited<R>>;
  shutdown(options?: { wait?: boolean; cancelFutures?: boolean }): Promise<void>;
  terminateWorkers(): void; killWorkers(): void;
  [Symbol.asyncDispose](): Promise<void>;
}
export declare function wait<F extends Future>(futures: Iterable<F>, options?: { timeout?: number; signal?: AbortSignal;
  returnWhen?: 'FIRST_COMPLETED' | 'FIRST_EXCEPTION' | 'ALL_COMPLETED' }): Promise<{ done: Set<F>; notDone: Set<F> }>;
export declare function asCompleted<F extends Future>(futures: Iterable<F>,
  options?: { timeout?: number; signal?: AbortSignal }): AsyncIterableIterator<F>;
export declare class Queue<T = any> {
  constructor(maxSize?: number);
  put(value: T, options?: WaitOptions): Promise<void>; get(options?: WaitOptions): Promise<T>;
  putSync(value: T, options?: WaitOptions): void; getSync(options?: WaitOptions): T;
  putNowait(value: T): void; getNowait(): T; qsize(): number; empty(): boolean; full(): boolean;
  close(): void; joinThread(): Promise<void>; cancelJoinThread(): void;
}
export declare class JoinableQueue<T = any> extends Queue<T> {
  taskDone(): void; join(options?: { timeout?: number; signal?: AbortSignal }): Promise<void>;
}
export declare class SimpleQueue<T = any> {
  put(value: T): Promise<void>; get(): Promise<T>; putSync(value: T): void; getSync(): T; empty(): boolean; close(): void;
}
export declare class Connection<T = any> {
  readonly closed: boolean; readonly readable: boolean; readonly writable: boolean;
  send(value: T): Promise<void>; recv(): Promise<T>; sendSync(value: T): void; recvSync(): T;
  poll(options?: { timeout?: number }): Promise<boolean>; pollSync(options?: { timeout?: number }): boolean;
  sendBytes(bytes: Uint8Array): Promise<void>; recvBytes(): Promise<Uint8Array>;
  recvBytesInto(target: Uint8Array, offset?: number): Promise<number>; close(): void;
}
export declare function Pipe<T = any>(options?: { duplex?: boolean }): [Connection<T>, Connection<T>];
export interface Held { [Symbol.dispose](): void; [Symbol.asyncDispose](): Promise<void> }
export declare class Lock { readonly recovered: number; acquire(options?: WaitOptions): Promise<Held | false>;
  acquireSync(options?: WaitOptions): Held | false; release(): void; locked(): boolean }
export declare class RLock extends Lock {}
export declare class Semaphore { constructor(value?: number); acquire(options?: WaitOptions): Promise<Held | false>;
  acquireSync(options?: WaitOptions): Held | false; release(count?: number): void }
export declare class BoundedSemaphore extends Semaphore {}
export declare class Condition { constructor(lock?: Lock | RLock); acquire(options?: WaitOptions): Promise<Held | false>;
  acquireSync(options?: WaitOptions): Held | false; release(): void; wait(options?: WaitOptions): Promise<boolean>;
  waitSync(options?: WaitOptions): boolean; waitFor(predicate: () => boolean, options?: WaitOptions): Promise<boolean>;
  notify(n?: number): void; notifyAll(): void }
export declare class Event { isSet(): boolean; set(): void; clear(): void; wait(options?: WaitOptions): Promise<boolean>;
  waitSync(options?: WaitOptions): boolean }
export declare class Barrier { constructor(parties: number, options?: { action?: () => unknown; timeout?: number });
  readonly parties: number; readonly nWaiting: number; readonly broken: boolean;
  wait(options?: WaitOptions): Promise<number>; waitSync(options?: WaitOptions): number; reset(): void; abort(): void }
export declare class ProcessError extends Error { readonly code: string }
export declare class TimeoutError extends ProcessError {}
export declare class Empty extends Error {}
export declare class Full extends Error {}
export declare class ValueError extends Error {}
export declare class PicklingError extends Error {}
export declare class RemoteError extends Error {}
export declare class WorkerLostError extends Error {}
export declare function logToStderr(level?: unknown): unknown;
export declare function getLogger(): any;
`;
