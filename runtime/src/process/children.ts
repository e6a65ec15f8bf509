import type { ChildProcess } from 'node:child_process';
import type { Socket } from 'node:net';
import type { Readable } from 'node:stream';
import { layout, ownerWord, program, slotDouble, slotWord, sweepSlot, type OwnerWord } from '../memory/index.js';
import { announceDeath } from '../sync/doorbell.js';
import { dropBootMessage, hasBootMessage } from './starting/bootMessage.js';
import { exitCodeOf } from './ending/exitCodes.js';
import { takeLogOfChildren } from './hooks.js';
import type { Relay } from './output/relay.js';
import { STILLBORN, tellStillborn } from './starting/stillborn.js';
import { unreapedExitCode } from './ending/unreaped.js';

const { Slot, SlotState } = layout;

/** How a child ended: `exitCode` is negative for a signal. */
export interface ExitStatus {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly exitCode: number;
}

/** A process this one started, of whatever kind, from its start until its end has been recorded. */
export class Child {
  readonly pid: number;
  readonly slot: number;
  readonly generation: number;
  readonly daemon: boolean;
  readonly owner: OwnerWord;
  /** Resolves when the process has ended; never rejects. */
  readonly exited: Promise<ExitStatus>;
  readonly stdout: Readable | null;
  readonly stderr: Readable | null;
  readonly #process: ChildProcess;
  readonly #relays: readonly Relay[];
  #status: ExitStatus | undefined;
  #holders = 0;
  readonly #watchers = new Set<() => void>();

  constructor(
    started: ChildProcess,
    pid: number,
    at: { name: string; slot: number; generation: number; daemon: boolean; relays?: readonly Relay[] },
  ) {
    this.#process = started;
    this.#relays = at.relays ?? [];
    this.pid = pid;
    this.slot = at.slot;
    this.generation = at.generation;
    this.daemon = at.daemon;
    this.owner = ownerWord(at.slot, at.generation);
    const isRelayed = this.#relays.length > 0;
    this.stdout = isRelayed ? null : started.stdout;
    this.stderr = isRelayed ? null : started.stderr;
    if (at.daemon) {
      started.unref();
      for (const relay of this.#relays) relay.unref();
      for (const stream of [this.stdout, this.stderr]) holdOnceRead(stream);
    }
    this.exited = new Promise(resolve => {
      started.once('exit', (code, signal) => {
        this.#status = { code, signal, exitCode: this.#born(exitCodeOf(code, signal)) };
        children.delete(this);
        kept.delete(this);
        this.flushOutput();
        if (code !== null && this.#isStillborn()) tellStillborn(at.name, started, code);
        recordEnd(at.slot, at.generation, this.#status.exitCode);
        // What it held is free for who waits in an event loop: tell them, rather than leave it to their heartbeats.
        if (this.#status.exitCode !== 0) announceDeath();
        resolve(this.#status);
        for (const ended of this.#watchers) ended();
        this.#watchers.clear();
      });
    });
    children.add(this);
  }

  /** Calls `ended` when the end has been recorded, unless the answered function is called before. */
  whenEnded(ended: () => void): () => void {
    this.#watchers.add(ended);
    return () => this.#watchers.delete(ended);
  }

  /** How it ended; undefined while it runs, and until this process's event loop has heard of it. */
  get status(): ExitStatus | undefined {
    return this.#status;
  }

  /** How it ended as one number; undefined while it runs. Known as soon as `isAlive()` says false, where /proc is. */
  get exitCode(): number | undefined {
    return this.#status?.exitCode ?? (this.isAlive() ? undefined : this.#born(unreapedExitCode(this.pid)));
  }

  /** Whether it has never taken its boot message. */
  #isStillborn(): boolean {
    return (
      Atomics.load(program().table.i32, slotWord(this.slot) + Slot.generation_W) === this.generation &&
      hasBootMessage(this.slot)
    );
  }

  #born<T extends number | undefined>(exitCode: T): T | number {
    return exitCode === 0 && this.#isStillborn() ? STILLBORN : exitCode;
  }

  /** Asks the system, not the event loop: true from the start until the very end of the process. */
  isAlive(): boolean {
    return this.#status === undefined && !program().isDead(this.owner);
  }

  /** Sends a signal; false if the process has ended. A reused pid cannot be hit: the system keeps it until we reap. */
  kill(signal: NodeJS.Signals): boolean {
    return this.#status === undefined && this.#process.kill(signal);
  }

  /** Hands on at once what the child has printed and logged, where this process relays that. */
  flushOutput(): void {
    takeLogOfChildren();
    for (const relay of this.#relays) relay.flush();
  }

  /** Keeps these objects, which the child has been given by handle, from being collected here until it ends. */
  keep(objects: readonly object[] | undefined): void {
    if (objects !== undefined) kept.set(this, objects);
  }

  /** Keeps this process alive until the child ends or the answered function is called, even for a daemon. */
  hold(): () => void {
    if (this.#holders++ === 0) this.#process.ref();
    return () => {
      if (--this.#holders === 0 && this.daemon) this.#process.unref();
    };
  }
}

/** Has a daemon's output keep this process alive from when somebody reads it, as it would from the start. */
function holdOnceRead(stream: (Readable & Partial<Pick<Socket, 'ref' | 'unref'>>) | null): void {
  stream?.unref?.();
  const hold = (event: string | symbol): void => {
    if (event !== 'data' && event !== 'readable') return;
    stream?.off('newListener', hold);
    stream?.ref?.();
  };
  stream?.on('newListener', hold);
}

const children = new Set<Child>();

/** What living children were given by handle. */
const kept = new Map<Child, readonly object[]>();

/** The children of this process that have not ended yet. */
export const livingChildren = (): readonly Child[] => [...children];

/** Writes the end of a child into its slot, unless the slot has gone to another process since. */
function recordEnd(slot: number, generation: number, exitCode: number): void {
  const { table } = program();
  const base = slotWord(slot);
  if (!program().takeEnded(slot, generation)) return;
  dropBootMessage(slot);
  sweepSlot(slot);
  table.i32[base + Slot.exitCode_W] = exitCode;
  table.i32[base + Slot.ended_W] = 1;
  table.f64[slotDouble(slot) + Slot.endedAt_D] = Date.now();
  Atomics.store(table.i32, base + Slot.state_W, exitCode < 0 ? SlotState.died : SlotState.exited);
}
