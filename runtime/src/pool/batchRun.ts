import type { Ring } from '../channel/ring.js';
import { instant } from '../clock.js';
import { collectUnderway, layout, program, selfSlot, slotDouble, slotWord } from '../memory/index.js';
import { decode, decodeAsync, encode, NeedsModules, type Encoded } from '../pickle/index.js';
import { unguardedStart, whileImporting } from '../process/index.js';
import type { AbortLine } from './abortLine.js';
import { taskWord, type ClaimBoard } from './board.js';
import { HeedfulTask, setTaskSource } from './currentTask.js';
import { encodeFailure, unsendableResult } from './failure.js';
import { FunctionCache, type AnyFunction } from './functions.js';
import { moment } from './moments.js';
import { BATCH_HEADER, LARGE_HEADER, padded, RecordStatus, TASK_HEADER, TaskKind } from './messages.js';
import { callsOf, invoke, isThenable } from './invoke.js';
import { LARGEST_PAYLOAD, type Outbox } from './outbox.js';
import { callText, chunkText, nameOf } from './taskText.js';

const { Slot } = layout;
/** Times are 32-bit words: no batch takes longer than half an hour, in this book. */
const LONGEST_MICROS = 2 ** 31 - 1;
/** Buffers larger than this are not kept for the next batch. */
const KEPT_BYTES = 4 * 1024 * 1024;

/**
 * The batch in a worker's hand. `open` takes it out of the ring, `claim` makes it this worker's, `run` goes through its
 * tasks: without a turn of the event loop as long as tasks answer at once.
 */
export class BatchRun {
  readonly #board: ClaimBoard;
  readonly #outbox: Outbox;
  readonly #results: Ring;
  readonly #abortLine: AbortLine;
  readonly #functions = new FunctionCache();
  readonly #table = program().table;
  readonly #slot = slotWord(program().slot);
  readonly #slotDouble = slotDouble(program().slot);
  readonly #me = program().me;
  #bytes: Buffer = Buffer.allocUnsafeSlow(64 * 1024);
  /** Where a large result gets its header; none, until there is one. */
  #large: Buffer = Buffer.alloc(0);
  #sequence = 0;
  #cell = 0;
  #count = 0;
  /** The task that runs, and where its record starts and its payload lies. */
  #index = 0;
  #at = 0;
  #payload = 0;
  #payloadEnd = 0;
  #startedAt = 0;
  /** The same as a word that other processes understand. */
  #began = 0;
  /** The task that runs, if it has asked for itself. */
  #heedful: HeedfulTask | undefined;
  #listens = false;
  #shown: AnyFunction | undefined;
  #target: AnyFunction | undefined;

  constructor(board: ClaimBoard, outbox: Outbox, results: Ring, abortLine: AbortLine) {
    this.#board = board;
    this.#outbox = outbox;
    this.#results = results;
    this.#abortLine = abortLine;
    setTaskSource(() => (this.#index < this.#count ? this.#heed() : null));
  }

  /** Copies a message out of the ring: the tasks of a batch may take long, and the ring's bytes are only lent. */
  readonly open = (bytes: Buffer, start: number, end: number): true => {
    const length = end - start;
    if (length > this.#bytes.length) this.#bytes = Buffer.allocUnsafeSlow(length);
    bytes.copy(this.#bytes, 0, start, end);
    this.#sequence = this.#bytes.readInt32LE(0);
    this.#cell = this.#bytes.readInt32LE(4);
    this.#count = this.#bytes.readInt32LE(8);
    this.#index = 0;
    this.#at = BATCH_HEADER;
    return true;
  };

  /** False when the owner has taken the batch back meanwhile. */
  claim(): boolean {
    if (!this.#board.claim(this.#cell, this.#sequence, this.#me)) return false;
    this.#startedAt = instant();
    this.#began = moment(this.#startedAt);
    this.#table.f64[this.#slotDouble + Slot.busySince_D] = Date.now();
    return true;
  }

  /** Runs on; a promise when a task is not finished: call it again after that. Undefined: the batch is done. */
  run(): Promise<void> | undefined {
    while (this.#index < this.#count) {
      if (!this.#board.start(this.#cell, this.#sequence, this.#index)) return undefined;
      const pending = this.#runTask();
      if (pending !== undefined) return pending;
      this.#next();
    }
    return undefined;
  }

  /** Keeps the books; answers the time, on `instant()`'s clock. */
  end(): number {
    const now = instant();
    const { f64 } = this.#table;
    const at = this.#slotDouble;
    f64[at + Slot.busyMs_D] = (f64[at + Slot.busyMs_D] ?? 0) + now - this.#startedAt;
    f64[at + Slot.busySince_D] = 0;
    if (this.#bytes.length > KEPT_BYTES) this.#bytes = Buffer.allocUnsafeSlow(64 * 1024);
    if (this.#large.length > KEPT_BYTES) this.#large = Buffer.alloc(0);
    return now;
  }

  /** There is nothing to do: nothing is shown to readers of the process table. */
  rest(): void {
    if (this.#shown === undefined) return;
    this.#shown = undefined;
    selfSlot.setText('task', '');
  }

  /** Sends a record: in the outbox, or through the result ring when it is large. */
  send(sequence: number, cell: number, index: number, status: RecordStatus, micros: number, payload: Encoded): void {
    const { bytes, start, end } = payload;
    if (end - start <= LARGEST_PAYLOAD) {
      this.#outbox.append(sequence, cell, index, status, micros, this.#began, bytes, start, end);
      return;
    }
    const length = LARGE_HEADER + end - start;
    if (length > this.#large.length) this.#large = Buffer.allocUnsafeSlow(length);
    const message = this.#large;
    message.writeInt32LE(sequence, 0);
    message.writeInt32LE(cell, 4);
    message.writeInt32LE(index, 8);
    message.writeInt32LE(status, 12);
    message.writeInt32LE(micros, 16);
    message.writeInt32LE(this.#began, 20);
    bytes.copy(message, LARGE_HEADER, start, end);
    const attempt = (): true | undefined => this.#results.tryWrite(message, 0, length) || undefined;
    this.#results.writable.waitSync({ subject: { kind: 'queuePut', object: 0 }, attempt }, Infinity);
  }

  #next(): void {
    this.#index++;
    this.#heedful = undefined;
    this.#at += TASK_HEADER + padded(this.#payloadEnd - this.#payload);
  }

  #heed(): HeedfulTask {
    this.#heedful ??= new HeedfulTask(taskWord(this.#sequence, this.#index), this.#abortLine);
    if (!this.#listens) {
      // One wait for all tasks to come. It has the process stay while a task waits for nothing but its signal.
      this.#listens = true;
      const attempt = (): undefined => {
        this.#heedful?.look();
      };
      void this.#abortLine.point.wait({ subject: { kind: 'none', object: 0 }, attempt });
    }
    return this.#heedful;
  }

  #runTask(): Promise<void> | undefined {
    const bytes = this.#bytes;
    const at = this.#at;
    const segmentId = bytes.readInt32LE(at);
    const offset = bytes.readInt32LE(at + 4);
    const kind = bytes.readInt32LE(at + 8) as TaskKind;
    this.#payload = at + TASK_HEADER;
    this.#payloadEnd = this.#payload + bytes.readInt32LE(at + 12);
    const f = this.#functions.get(segmentId, offset);
    if (f === undefined) return this.#load(segmentId, offset, kind);
    let args: unknown;
    try {
      args = decode(bytes, this.#payload, this.#payloadEnd);
    } catch (error) {
      if (error instanceof NeedsModules) return this.#load(segmentId, offset, kind);
      this.#failed(error, RecordStatus.unread);
      return undefined;
    }
    return this.#call(f, kind, args);
  }

  /** The first time: modules have to be imported before the function can be called. */
  async #load(segmentId: number, offset: number, kind: TaskKind): Promise<void> {
    let f: AnyFunction;
    let args: unknown;
    try {
      f = await whileImporting(() => this.#functions.load(segmentId, offset));
      args = await whileImporting(() => decodeAsync(this.#bytes, this.#payload, this.#payloadEnd));
    } catch (error) {
      this.#failed(unguardedStart() ?? error, RecordStatus.unread);
      this.#next();
      return;
    }
    // An async `main()` without a guard, which nobody waits for: this process ends of it now, before it has run a task.
    if (unguardedStart() !== undefined) await new Promise(setImmediate);
    const pending = this.#call(f, kind, args);
    if (pending === undefined) this.#next();
    else await pending;
  }

  #call(f: AnyFunction, kind: TaskKind, args: unknown): Promise<void> | undefined {
    this.#show(f, kind, args);
    let result: unknown;
    try {
      result = invoke(f, kind, args);
    } catch (error) {
      this.#failed(error);
      return undefined;
    }
    const calls = callsOf(kind, args);
    if (isThenable(result)) return this.#settle(result, calls);
    this.#done(result, calls);
    return undefined;
  }

  async #settle(result: PromiseLike<unknown>, calls: number): Promise<void> {
    try {
      this.#done(await result, calls);
    } catch (error) {
      this.#failed(error);
    }
    this.#next();
  }

  #done(result: unknown, calls: number): void {
    let answer: ReturnType<typeof collectUnderway<unknown, Encoded>>;
    try {
      // Whoever asked reads it once.
      answer = collectUnderway('counted', encodeResult, result);
    } catch (error) {
      this.#failed(unsendableResult(error, result));
      return;
    }
    let sent = false;
    try {
      this.send(this.#sequence, this.#cell, this.#index, RecordStatus.done, this.#micros(), answer.result);
      sent = true;
    } catch (error) {
      // There is no shared memory for it.
      this.#failed(error);
    }
    answer.references?.forEach(reference => reference.sent(sent));
    if (!sent) return;
    const { i32 } = this.#table;
    const done = this.#slot + Slot.tasksDone_W;
    i32[done] = (i32[done] ?? 0) + calls;
  }

  #failed(error: unknown, status: RecordStatus = RecordStatus.failed): void {
    const { i32 } = this.#table;
    const failed = this.#slot + Slot.tasksFailed_W;
    i32[failed] = (i32[failed] ?? 0) + 1;
    try {
      this.send(this.#sequence, this.#cell, this.#index, status, this.#micros(), encodeFailure(error));
    } catch (noRoom) {
      this.send(this.#sequence, this.#cell, this.#index, status, this.#micros(), encodeFailure(noRoom));
    }
  }

  /**
   * The last record of a batch says how long it took, also when the rest was taken back: so the owner learns how long
   * tasks are.
   */
  #micros(): number {
    if (this.#index < this.#count - 1 && !this.#board.isRecalled(this.#cell)) return 0;
    return Math.min(Math.ceil((instant() - this.#startedAt) * 1000), LONGEST_MICROS);
  }

  /** Tells readers of the process table what runs; tasks that travel with others are too short to be looked at. */
  #show(f: AnyFunction, kind: TaskKind, args: unknown): void {
    if (this.#count > 1 && f === this.#shown) return;
    if (f !== this.#target) {
      this.#target = f;
      selfSlot.setText('target', this.#functions.textOf(f));
    }
    this.#shown = f;
    const name = nameOf(f);
    if (kind === TaskKind.call) selfSlot.setText('task', callText(name, args as unknown[]));
    else if (kind === TaskKind.item) selfSlot.setText('task', callText(name, [args]));
    else selfSlot.setText('task', chunkText(name, (args as unknown[]).length));
  }
}

const RESULT = { root: 'result' };
const encodeResult = (result: unknown): Encoded => encode(result, RESULT);
