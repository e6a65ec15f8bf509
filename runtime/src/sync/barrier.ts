import { inspect } from 'node:util';
import { instant } from '../clock.js';
import { BrokenBarrierError, RuntimeError, ValueError } from '../errors.js';
import type { Counted } from '../memory/index.js';
import { checkNames } from '../optionNames.js';
import { BarrierPhase, MOST_PARTIES, type Arrival, type Arrived } from './barrierPhase.js';
import { createObject, findObject, HEADER_WORDS, type ObjectHandle } from './sharedObject.js';
import { deadlineOf, type SyncWaitOptions, type WaitOptions } from './waitOptions.js';
import { WaitPoint, type Wait } from './waitPoint.js';

/** The default timeout in ms, a 64-bit float; NaN for none. Needs an even word. */
const TIMEOUT = HEADER_WORDS;
const CHANGED = TIMEOUT + 2;
const PHASE = CHANGED + WaitPoint.WORDS;

export interface BarrierOptions {
  /** Called by exactly one party when all have arrived, before any of them goes on. If it throws, the barrier breaks. */
  readonly action?: (() => unknown) | undefined;
  /** Milliseconds for every wait that does not say its own. */
  readonly timeout?: number | undefined;
}

/**
 * Where a number of parties wait until all of them have arrived, round after round (Python: `multiprocessing.Barrier`).
 * Whoever gives up (timeout, abort signal) breaks it for all, until `reset`. So does a process that is killed while it
 * waits at the barrier; one that is killed before it arrives is simply missing: use a timeout.
 */
export class Barrier {
  readonly #block: Counted;
  readonly #phase: BarrierPhase;
  readonly #changed: WaitPoint;
  readonly #action: (() => unknown) | undefined;

  /**
   * @param parties An integer from 1 to 16383; ValueError otherwise.
   * @param options TypeError for one that there is not, and for Python's `Barrier(2, action)`.
   * @param block Only `fromHandle` gives one.
   */
  constructor(parties: number, options?: BarrierOptions, block: Counted = create(parties, options)) {
    this.#block = block;
    this.#phase = new BarrierPhase(block, PHASE);
    this.#changed = new WaitPoint(block, CHANGED);
    this.#action = options?.action;
  }

  /**
   * The barrier that another process made, by its `handle`. The action is a function and no part of shared memory, so
   * it travels beside the handle. Throws ValueError for any other object.
   */
  static fromHandle(segmentId: number, offset: number, id = 0, action?: () => unknown): Barrier {
    return new Barrier(0, { action }, findObject('Barrier', segmentId, offset, id));
  }

  get handle(): ObjectHandle {
    return this.#block.handle;
  }

  /** @internal */
  get _shared(): Counted {
    return this.#block;
  }

  get action(): (() => unknown) | undefined {
    return this.#action;
  }

  /** How many have to arrive. */
  get parties(): number {
    return this.#phase.parties;
  }

  /** How many wait now. */
  get nWaiting(): number {
    return this.#phase.waiting;
  }

  /** Whether waits fail until `reset`. */
  get broken(): boolean {
    return this.#phase.isBroken;
  }

  /**
   * Arrives and waits for the others. Resolves to a number from 0 to parties-1, each to one party; rejects with
   * BrokenBarrierError when the barrier is broken or reset meanwhile, when `timeout` ms pass first (which breaks it),
   * and with the signal's reason when aborted (which breaks it as well).
   */
  async wait(options?: WaitOptions): Promise<number> {
    const { signal } = options ?? {};
    const deadline = this.#deadline(options);
    signal?.throwIfAborted();
    const arrival = this.#arrive() ?? (await this.#changed.wait(this.#waitFor(() => this.#arrive())));
    if (arrival === undefined) throw broken();
    if (arrival.as === 'acting') return this.#act(arrival);
    if (arrival.as === 'released') return arrival.index;
    const ended = this.#waitFor(() => this.#ended(arrival));
    try {
      const timeout = deadline === Infinity ? undefined : deadline - instant();
      const index = await this.#changed.wait(ended, { timeout, signal });
      if (index !== undefined) return index;
    } catch (error) {
      if (signal?.aborted === true) this.#giveUp(arrival);
      throw error;
    }
    if (this.#giveUp(arrival)) throw broken();
    return (await this.#changed.wait(ended)) ?? arrival.index;
  }

  /** `wait`, blocking the thread. The action may not return a promise: nobody could wait for it. */
  waitSync(options?: SyncWaitOptions): number {
    const deadline = this.#deadline(options);
    const arrival =
      this.#arrive() ??
      this.#changed.waitSync(
        this.#waitFor(() => this.#arrive()),
        Infinity,
      );
    if (arrival === undefined) throw broken();
    if (arrival.as === 'acting') return this.#actSync(arrival);
    if (arrival.as === 'released') return arrival.index;
    const ended = this.#waitFor(() => this.#ended(arrival));
    const index = this.#changed.waitSync(ended, deadline);
    if (index !== undefined) return index;
    if (this.#giveUp(arrival)) throw broken();
    return this.#changed.waitSync(ended, Infinity) ?? arrival.index;
  }

  /** Makes the barrier new. Who waits at it gets BrokenBarrierError. */
  reset(): void {
    this.#phase.reset();
    this.#changed.wake(Infinity);
  }

  /** Breaks the barrier: who waits, and whoever comes, gets BrokenBarrierError until `reset`. */
  abort(): void {
    this.#phase.abort();
    this.#changed.wake(Infinity);
  }

  #arrive(): (Arrival & { readonly as: Arrived }) | undefined {
    const arrival = this.#phase.arrive(this.#action !== undefined);
    if (arrival === 'broken') {
      this.#changed.wake(Infinity);
      throw broken();
    }
    if (arrival?.as === 'released') this.#changed.wake(Infinity);
    return arrival;
  }

  #ended(arrival: Arrival): number | undefined {
    const outcome = this.#phase.outcome(arrival);
    if (outcome === 'broken') throw broken();
    return outcome === 'released' ? arrival.index : undefined;
  }

  /** False when it is too late to give up: everybody has arrived. */
  #giveUp(arrival: Arrival): boolean {
    const gaveUp = this.#phase.giveUp(arrival, false);
    if (gaveUp) this.#changed.wake(Infinity);
    return gaveUp;
  }

  async #act(arrival: Arrival): Promise<number> {
    try {
      await this.#action?.();
    } catch (error) {
      this.#failed(arrival);
      throw error;
    }
    return this.#released(arrival);
  }

  #actSync(arrival: Arrival): number {
    try {
      const result = this.#action?.();
      if (result instanceof Promise) {
        result.catch(() => undefined);
        throw new RuntimeError(`the barrier's action returned a promise, which waitSync() cannot wait for; use wait()`);
      }
    } catch (error) {
      this.#failed(arrival);
      throw error;
    }
    return this.#released(arrival);
  }

  #failed(arrival: Arrival): void {
    if (this.#phase.giveUp(arrival, true)) this.#changed.wake(Infinity);
  }

  #released(arrival: Arrival): number {
    if (!this.#phase.release(arrival)) throw broken();
    this.#changed.wake(Infinity);
    return arrival.index;
  }

  #waitFor<T>(attempt: () => T | undefined): Wait<T> {
    return {
      subject: { kind: 'barrier', object: this.#block.id },
      attempt,
      recover: () => {
        if (this.#phase.breakForTheDead()) this.#changed.wake(Infinity);
      },
    };
  }

  #deadline(options: WaitOptions | undefined): number {
    const ownTimeout = this.#block.segment.f64[(this.#block.word + TIMEOUT) >> 1] ?? NaN;
    if (options?.timeout !== undefined || options?.block === false || Number.isNaN(ownTimeout)) {
      return deadlineOf(options);
    }
    return deadlineOf({ timeout: ownTimeout });
  }

  [inspect.custom](): string {
    const state = this.broken ? 'broken' : `waiters=${this.nWaiting}/${this.parties}`;
    const [segment, offset] = this.handle;
    return `<Barrier at ${segment}:${offset} ${state}>`;
  }
}

const broken = (): BrokenBarrierError =>
  new BrokenBarrierError('the barrier is broken: a party gave up or died, or it was aborted or reset');

function create(parties: number, options: BarrierOptions | undefined): Counted {
  const { timeout } = checkNames(options, ['action', 'timeout'], 'Barrier');
  if (!Number.isInteger(parties) || parties < 1 || parties > MOST_PARTIES) {
    throw new ValueError(`a barrier is for 1 to ${MOST_PARTIES} parties, not ${String(parties)}`);
  }
  if (timeout !== undefined) deadlineOf({ timeout });
  const block = createObject('Barrier', PHASE - HEADER_WORDS + BarrierPhase.WORDS + parties);
  BarrierPhase.create(block, PHASE, parties);
  block.segment.f64[(block.word + TIMEOUT) >> 1] = timeout ?? NaN;
  return block;
}
