/**
 * The simulated machine of a model test: shared words, a kernel that puts threads to sleep on them, bells, and deaths.
 * A simulated process is a function over the real code of the runtime, in which every shared step is one `Operation`.
 */
export type Operation =
  | { readonly kind: 'word'; readonly name: string; readonly args: readonly number[] }
  | { readonly kind: 'sleep'; readonly at: number; readonly expected: number }
  | { readonly kind: 'wake'; readonly at: number; readonly count: number }
  | { readonly kind: 'isDead'; readonly slot: number }
  | { readonly kind: 'ring'; readonly slot: number }
  | { readonly kind: 'awaitBell' }
  | { readonly kind: 'enter' }
  | { readonly kind: 'leave' }
  /** Not a step of its own: a load that is no atomic one, and what a process tells the test. */
  | { readonly kind: 'plainLoad'; readonly at: number }
  | { readonly kind: 'note'; readonly value: number };

export type Status = 'ready' | 'asleep' | 'done' | 'dead' | 'failed';

export interface ProcessState {
  readonly status: Status;
  /** Which phase of its program it is in. */
  readonly phase: number;
  /** Results of the operations of this phase: with them its code, run again, comes to the same point. */
  readonly history: readonly number[];
  /** What it has told the test, and how much of it in earlier phases. */
  readonly notes: readonly number[];
  readonly notesBefore: number;
  /** What it does next; undefined when done. */
  readonly next: Operation | undefined;
  /** Why its code threw. */
  readonly failure?: string;
}

export interface State {
  readonly words: readonly number[];
  readonly processes: readonly ProcessState[];
  /** Processes whose bell has a byte in it. */
  readonly rung: readonly boolean[];
  readonly inside: readonly number[];
  /** How often somebody woke by itself because nothing else could move. */
  readonly rescues: number;
  /** Who made the last step, and how often somebody was interrupted who could have gone on. */
  readonly running: number;
  readonly interruptions: number;
}

/** What an operation may come to: the state after it, and its result. Several when the kernel has a choice. */
export interface Effect {
  readonly state: State;
  /** Absent when the process went to sleep. */
  readonly result?: number;
}

export const TIMED_OUT = -1;

export function perform(state: State, me: number, operation: Operation): Effect[] {
  switch (operation.kind) {
    case 'word':
      return [atomic(state, operation.name, operation.args)];
    case 'sleep':
      if (state.words[operation.at] !== operation.expected) return [{ state, result: 0 }];
      return [{ state: setStatus(state, me, 'asleep') }];
    case 'wake':
      return wake(state, operation.at, operation.count);
    case 'isDead':
      return [{ state, result: state.processes[operation.slot]?.status === 'dead' ? 1 : 0 }];
    case 'ring':
      return [ring(state, operation.slot)];
    case 'awaitBell':
      if (state.rung[me] !== true) return [{ state: setStatus(state, me, 'asleep') }];
      return [{ state: { ...state, rung: state.rung.with(me, false) }, result: 0 }];
    case 'enter':
      return [{ state: { ...state, inside: [...state.inside, me] }, result: 0 }];
    case 'leave':
      return [{ state: { ...state, inside: state.inside.filter(each => each !== me) }, result: 0 }];
    case 'plainLoad':
    case 'note':
      throw new Error(`${operation.kind} is no step`);
  }
}

export function kill(state: State, me: number): State {
  return { ...setStatus(state, me, 'dead'), inside: state.inside.filter(each => each !== me) };
}

function setStatus(state: State, process: number, status: Status): State {
  const before = state.processes[process];
  if (before === undefined) throw new Error(`no process ${process}`);
  return { ...state, processes: state.processes.with(process, { ...before, status }) };
}

/** Ends the sleep of a process: its operation has the result. The explorer finds out what it does next. */
export function endSleep(state: State, process: number, result: number): State {
  const before = state.processes[process];
  if (before === undefined) throw new Error(`no process ${process}`);
  const awake: ProcessState = { ...before, status: 'ready', history: [...before.history, result] };
  return { ...state, processes: state.processes.with(process, awake), rung: state.rung.with(process, false) };
}

function atomic(state: State, name: string, [at = 0, a = 0, b = 0]: readonly number[]): Effect {
  const old = state.words[at] ?? 0;
  const set = (value: number): State => ({ ...state, words: state.words.with(at, value | 0) });
  switch (name) {
    case 'load':
      return { state, result: old };
    case 'plainStore':
    case 'store':
      return { state: set(a), result: a };
    case 'add':
      return { state: set(old + a), result: old };
    case 'sub':
      return { state: set(old - a), result: old };
    case 'and':
      return { state: set(old & a), result: old };
    case 'or':
      return { state: set(old | a), result: old };
    case 'exchange':
      return { state: set(a), result: old };
    case 'compareExchange':
      return { state: old === (a | 0) ? set(b) : state, result: old };
    default:
      throw new Error(`Atomics.${name} is not modelled`);
  }
}

/** The kernel wakes any `count` of those who sleep on the word: every choice is a world of its own. */
function wake(state: State, at: number, count: number): Effect[] {
  const asleep = state.processes.flatMap(({ status, next }, process) =>
    status === 'asleep' && next?.kind === 'sleep' && next.at === at ? [process] : [],
  );
  return choices(asleep, Math.min(count, asleep.length)).map(chosen => ({
    state: chosen.reduce((after, process) => endSleep(after, process, 0), state),
    result: chosen.length,
  }));
}

function ring(state: State, slot: number): Effect {
  const process = state.processes[slot];
  if (process === undefined || process.status === 'dead') return { state, result: 0 };
  if (process.status === 'asleep' && process.next?.kind === 'awaitBell') {
    return { state: endSleep(state, slot, 0), result: 1 };
  }
  return { state: { ...state, rung: state.rung.with(slot, true) }, result: 1 };
}

function choices(from: readonly number[], count: number): number[][] {
  if (count === 0) return [[]];
  return from.flatMap((first, i) => choices(from.slice(i + 1), count - 1).map(rest => [first, ...rest]));
}
