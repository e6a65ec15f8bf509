import path from 'node:path';
import { RuntimeError } from '../../errors.js';
import { nap } from '../nap.js';
import type { Mapping } from '../platform.js';
import type { Api } from './api.js';
import type { Win32Memory } from './memory.js';

/** The file, one a program, that says who sleeps on what: a header, then one entry a slot. */
const FILE = 'sleepers';
const MOST_SLOTS = 4096;
const HEADER_WORDS = 16;
/** The header's only word: no slot from here on has ever slept. */
const END = 0;
const ENTRY_WORDS = 8;
/** 0 while awake; else it differs from one sleep to the next, and is set last. */
const TICKET = 0;
/** What it sleeps on: the file's number in two words, and the place of the word in it. */
const FILE_LOW = 1;
const FILE_HIGH = 2;
const PLACE = 3;
const PID = 4;

const EVENT_MODIFY_STATE = 2;

/**
 * Sleeping on a word across processes, which Windows has no call for: WaitOnAddress reaches threads of one process.
 * A process that goes to sleep writes into its slot's entry which word it sleeps on, looks at the word once more, and
 * waits for an event of its own. Who wakes looks through the entries, clears those that sleep on the word, and sets
 * their events.
 *
 * No wake is lost: the sleeper writes its entry before it looks at the word, the waker changes the word before it looks
 * at the entries, and both with sequentially consistent operations, so at least one of them sees the other. An entry is
 * cleared by compare-and-exchange of its ticket: one wake wakes one sleep, once. An event that stays set because its
 * sleeper woke by itself at the same moment makes the next sleep short, which sleeping on a word allows. The entry of a
 * process that was killed asleep is cleared by the first wake that meets it; where that wake was for one thread only,
 * another one that sleeps on the word finds out by itself at the end of its slice.
 */
export class Win32Sleepers {
  readonly #api: Api;
  readonly #memory: Win32Memory;
  #mapping: Mapping | undefined;
  #table: Int32Array | undefined;
  #program = '';
  #entry = 0;
  #event = 0;
  #ticket = 0;
  /** Events of others, by slot; a slot's next process has another pid, and another event. */
  readonly #events = new Map<number, { pid: number; handle: number }>();

  constructor(api: Api, memory: Win32Memory) {
    this.#api = api;
    this.#memory = memory;
  }

  join(dir: string, slot: number): void {
    if (slot >= MOST_SLOTS) throw new RuntimeError(`slot ${slot} is beyond the ${MOST_SLOTS} that can sleep`);
    const bytes = (HEADER_WORDS + MOST_SLOTS * ENTRY_WORDS) * 4;
    this.#mapping = this.#memory.openOrCreate(path.join(dir, FILE), bytes);
    const table = new Int32Array(this.#mapping.buffer);
    this.#program = path.basename(dir);
    this.#entry = HEADER_WORDS + slot * ENTRY_WORDS;
    Atomics.store(table, this.#entry + TICKET, 0); // left by a process that was killed asleep
    table[this.#entry + PID] = process.pid;
    for (let end = Atomics.load(table, END); end <= slot; end = Atomics.load(table, END)) {
      Atomics.compareExchange(table, END, end, slot + 1);
    }
    this.#table = table;
  }

  leave(): void {
    this.#table = undefined;
    this.#mapping?.release();
  }

  sleep(address: number, expected: number, ms: number): void {
    const table = this.#table;
    const piece = this.#memory.find(address);
    if (table === undefined || piece === undefined) return nap(Math.min(ms, 1));
    const place = (address - piece.address) >>> 2;
    const entry = this.#entry;
    this.#event ||= this.#makeEvent();
    table[entry + FILE_LOW] = piece.fileLow;
    table[entry + FILE_HIGH] = piece.fileHigh;
    table[entry + PLACE] = place;
    this.#ticket = (this.#ticket + 1) | 0 || 1;
    Atomics.store(table, entry + TICKET, this.#ticket);
    if (Atomics.load(piece.i32, place) === expected) this.#api.WaitForSingleObject(this.#event, Math.ceil(ms));
    Atomics.store(table, entry + TICKET, 0);
  }

  wake(address: number, count: number): number {
    const table = this.#table;
    const piece = this.#memory.find(address);
    if (table === undefined || piece === undefined) return 0;
    const place = (address - piece.address) >>> 2;
    const end = HEADER_WORDS + Atomics.load(table, END) * ENTRY_WORDS;
    let woken = 0;
    for (let entry = HEADER_WORDS; entry < end && woken < count; entry += ENTRY_WORDS) {
      const ticket = Atomics.load(table, entry + TICKET);
      if (ticket === 0 || table[entry + PLACE] !== place) continue;
      if (table[entry + FILE_LOW] !== piece.fileLow || table[entry + FILE_HIGH] !== piece.fileHigh) continue;
      if (Atomics.compareExchange(table, entry + TICKET, ticket, 0) !== ticket) continue;
      if (this.#set((entry - HEADER_WORDS) / ENTRY_WORDS, table[entry + PID] ?? 0)) woken++;
    }
    return woken;
  }

  #name(slot: number, pid: number): string {
    return `Local\\manycore-${this.#program}-${slot}-${pid}`;
  }

  #makeEvent(): number {
    const slot = (this.#entry - HEADER_WORDS) / ENTRY_WORDS;
    const handle = Number(this.#api.CreateEventW(0, 0, 0, this.#name(slot, process.pid)));
    if (handle === 0) throw this.#api.failure('make an event');
    return handle;
  }

  /** False when the sleeper is dead: its event went with it. */
  #set(slot: number, pid: number): boolean {
    let event = this.#events.get(slot);
    if (event?.pid !== pid) {
      if (event !== undefined) this.#api.CloseHandle(event.handle);
      this.#events.delete(slot);
      const handle = Number(this.#api.OpenEventW(EVENT_MODIFY_STATE, 0, this.#name(slot, pid)));
      if (handle === 0) return false;
      event = { pid, handle };
      this.#events.set(slot, event);
    }
    return Number(this.#api.SetEvent(event.handle)) !== 0;
  }
}
