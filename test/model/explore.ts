import { createHash } from 'node:crypto';
import { BLOCK_AT, type Code, type Instantiate } from './code.js';
import { endSleep, kill, perform, TIMED_OUT, type Operation, type ProcessState, type State } from './world.js';

/** What a simulated process does. It may call the real code, `enter` and `leave` a section, and `listen` to its bell. */
export type Program = (code: Code, at: Machine) => void;

export interface Machine {
  /** Stands for the block in which the shared objects lie. */
  readonly block: never;
  /** The first word of the block, for words of the test's own. */
  readonly word: number;
  atomics(name: 'load' | 'store' | 'add' | 'sub' | 'compareExchange', ...args: number[]): number;
  /** A section that no two processes may be in at once. */
  section(): void;
  /** Says that nothing of what the process has seen so far matters to what it will do. */
  mark(): void;
  /** Sleeps until the bell rings, then does what the event loop would. */
  listen(): void;
}

export interface Limits {
  /** How many processes may be killed in one run; every one at every step. */
  readonly deaths: number;
  /** How often all sleepers may wake by themselves when nothing else can move. Without a death none is needed. */
  readonly rescues: number;
  /** Given the first word of the block: whether sleepers may sleep on for ever, since nothing is there for them. */
  readonly excused?: (value: number) => boolean;
  /** How often a process may be interrupted that could have gone on; absent for always. Most errors need two or three. */
  readonly interruptions?: number;
}

export interface Findings {
  readonly states: number;
  /** What went wrong, with the steps that led there; undefined when nothing can. */
  readonly violation: { readonly what: string; readonly trace: readonly string[] } | undefined;
}

/** Thrown where a process's results end, made once: a stack trace at each would be most of the work. */
const SUSPENDED = new Error('suspended');

/** Tries every order in which the steps of the processes can happen, and every death, from the same start. */
export function explore(instantiate: Instantiate, programs: readonly Program[], limits: Limits): Findings {
  const seen = new Set<string>();
  const instances = programs.map((_, slot) => instantiate(slot));
  const start = advance(
    {
      words: new Array<number>(BLOCK_AT + 8).fill(0),
      processes: programs.map(() => ({ status: 'ready', history: [], marks: 0, since: 0, next: undefined })),
      rung: programs.map(() => false),
      inside: [],
      rescues: 0,
      running: -1,
      interruptions: 0,
    },
    programs.map((_, process) => process),
  );
  const open: { state: State; trace: Trace | undefined }[] = [{ state: start, trace: undefined }];
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    const { state, trace } = node;
    const key = keyOf(state, limits.interruptions !== undefined);
    if (seen.has(key)) continue;
    seen.add(key);
    const wrong = check(state);
    if (wrong !== undefined) return { states: seen.size, violation: { what: wrong, trace: steps(trace) } };
    for (const [step, next] of successors(state)) open.push({ state: next, trace: { step, before: trace } });
  }
  return { states: seen.size, violation: undefined };

  function check(state: State): string | undefined {
    if (state.inside.length > 1) return `processes ${state.inside.join(' and ')} are in the section at once`;
    if (state.processes.some(({ status }) => status === 'ready') || isOver(state)) return undefined;
    const dead = state.processes.some(({ status }) => status === 'dead');
    if (!dead) return 'everybody sleeps and nobody will wake them';
    if (state.rescues < limits.rescues || limits.excused?.(state.words[BLOCK_AT] ?? 0) === true) return undefined;
    return 'after a death, looking again does not help the sleepers';
  }

  function* successors(state: State): Generator<[string, State]> {
    let moved = false;
    const canGoOn = state.processes[state.running]?.status === 'ready';
    for (const [process, { status, next }] of state.processes.entries()) {
      if (status !== 'ready' || next === undefined) continue;
      moved = true;
      const interrupts = canGoOn && process !== state.running && limits.interruptions !== undefined;
      if (interrupts && state.interruptions >= (limits.interruptions ?? 0)) continue;
      const before = { ...state, running: process, interruptions: state.interruptions + (interrupts ? 1 : 0) };
      for (const { state: after, result } of perform(before, process, next)) {
        const woken = changed(state, after);
        if (result === undefined) yield [`${process}: ${show(next)} sleeps`, after];
        else
          yield [`${process}: ${show(next)} = ${result}`, advance(note(after, process, result), [process, ...woken])];
      }
    }
    const deaths = state.processes.filter(({ status }) => status === 'dead').length;
    for (const [process, { status }] of state.processes.entries()) {
      if (deaths < limits.deaths && (status === 'ready' || status === 'asleep')) {
        yield [`${process}: killed`, kill(state, process)];
      }
    }
    if (moved || state.rescues >= limits.rescues) return;
    const sleepers = state.processes.flatMap(({ status }, process) => (status === 'asleep' ? [process] : []));
    const rescued = sleepers.reduce((after, process) => endSleep(after, process, TIMED_OUT), state);
    yield ['everybody who sleeps looks by himself', advance({ ...rescued, rescues: state.rescues + 1 }, sleepers)];
  }

  /** Runs the processes on from their results, to find what each does next. */
  function advance(state: State, which: readonly number[]): State {
    const processes = state.processes.map((process, slot) =>
      which.includes(slot) && process.status === 'ready' ? replay(slot, process) : process,
    );
    return { ...state, processes };
  }

  function replay(slot: number, { history }: ProcessState): ProcessState {
    let done = 0;
    let marks = 0;
    let since = 0;
    let next: Operation | undefined;
    const operate = (operation: Operation): number => {
      if (next !== undefined) throw SUSPENDED;
      const result = history[done++];
      if (result !== undefined) return result;
      next = operation;
      throw SUSPENDED;
    };
    let instance = instances[slot];
    if (instance === undefined || instance.isUsed) instances[slot] = instance = instantiate(slot);
    instance.operate = operate;
    const machine: Machine = {
      block: { segment: { i32: {}, address: 0 }, word: BLOCK_AT } as unknown as never,
      word: BLOCK_AT,
      atomics: (name, ...args) => operate({ kind: 'word', name, args }),
      section: () => {
        operate({ kind: 'enter' });
        operate({ kind: 'leave' });
      },
      mark: () => {
        marks++;
        since = done;
      },
      listen: instance.ownBell,
    };
    try {
      programs[slot]?.(instance.code, machine);
    } catch (error) {
      if (error !== SUSPENDED) throw error;
    }
    return { status: next === undefined ? 'done' : 'ready', history, marks, since, next };
  }
}

const isOver = (state: State): boolean => state.processes.every(({ status }) => status === 'done' || status === 'dead');

/** Who was woken by the step of somebody else. */
const changed = (before: State, after: State): number[] =>
  after.processes.flatMap((process, slot) => (process.history === before.processes[slot]?.history ? [] : [slot]));

function note(state: State, slot: number, result: number): State {
  const process = state.processes[slot];
  if (process === undefined) throw new Error(`no process ${slot}`);
  return { ...state, processes: state.processes.with(slot, { ...process, history: [...process.history, result] }) };
}

/** A process's results so far say where it is; of a dead or finished one nothing matters. */
function keyOf({ words, processes, rung, inside, rescues, running, interruptions }: State, bounded: boolean): string {
  const each = processes.map(({ status, history, marks, since }) =>
    status === 'dead' || status === 'done' ? status : `${status}${marks}:${history.slice(since).join(',')}`,
  );
  const order = bounded ? `${running},${interruptions}` : '';
  const text = `${order}|${words.join(',')}|${each.join('|')}|${rung.join(',')}|${inside.join(',')}|${rescues}`;
  return createHash('md5').update(text).digest('base64');
}

interface Trace {
  readonly step: string;
  readonly before: Trace | undefined;
}

function steps(trace: Trace | undefined): string[] {
  const all: string[] = [];
  for (let at = trace; at !== undefined; at = at.before) all.push(at.step);
  return all.reverse();
}

function show(operation: Operation): string {
  switch (operation.kind) {
    case 'word':
      return `${operation.name}(${operation.args.join(', ')})`;
    case 'sleep':
    case 'wake':
      return `${operation.kind} on ${operation.at}`;
    case 'isDead':
    case 'ring':
      return `${operation.kind} ${operation.slot}`;
    default:
      return operation.kind;
  }
}
