import { createHash } from 'node:crypto';
import { BLOCK_AT, type Code, type Instantiate } from './code.js';
import { endSleep, kill, perform, TIMED_OUT, type Operation, type ProcessState, type State } from './world.js';

/** A part of what a simulated process does; parts know nothing of each other but what is in the shared words. */
export type Phase = (code: Code, at: Machine) => void;
export type Program = Phase | readonly Phase[];

export interface Machine {
  /** Stands for the block in which the shared objects lie. */
  readonly block: never;
  /** The first word of the block, for words of the test's own. */
  readonly word: number;
  atomics(name: 'load' | 'store' | 'add' | 'sub' | 'compareExchange', ...args: number[]): number;
  /** A section that no two processes may be in at once. */
  section(): void;
  /** Tells the test something, without a step. */
  note(value: number): void;
  /** Sleeps until the bell rings, then does what the event loop would. */
  listen(): void;
  /** Whether a wait of this process has begun that is not over. */
  readonly isWaiting: boolean;
}

export interface Limits {
  /** How many processes may be killed in one run; every one at every step. */
  readonly deaths: number;
  /** How often all sleepers may wake by themselves when nothing else can move. Without a death none is needed. */
  readonly rescues: number;
  /** Whether sleepers may sleep on for ever after a death, since nothing is there for them. */
  readonly excused?: (state: State) => boolean;
  /** The same without a death: sleepers may sleep on, since nobody is going to bring what they wait for. */
  readonly mayRest?: (state: State) => boolean;
  /** How often a process may be interrupted that could have gone on; absent for always. Most errors need two or three. */
  readonly interruptions?: number;
  /** What must be true after every step: undefined, or what is not. `isOver`: nobody will do anything more. */
  readonly invariant?: (state: State, isOver: boolean) => string | undefined;
  /** Whether a load that is no atomic one is a step of its own. */
  readonly loads?: boolean;
  /** Runs alone before the others start. */
  readonly prepare?: Phase;
  /** Words of the block; default 16. */
  readonly blockWords?: number;
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
  const phases = programs.map(program => (typeof program === 'function' ? [program] : program));
  const instances = programs.map((_, slot) => instantiate(slot));
  const start = advance(
    { ...prepared(), processes: phases.map(() => FRESH) },
    phases.map((_, slot) => slot),
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

  function prepared(): State {
    const { prepare, blockWords = 16 } = limits;
    const empty: State = {
      words: new Array<number>(BLOCK_AT + blockWords).fill(0),
      processes: phases.map(() => FRESH),
      rung: phases.map(() => false),
      inside: [],
      rescues: 0,
      running: -1,
      interruptions: 0,
    };
    if (prepare === undefined) return empty;
    let state: State = { ...empty, processes: [FRESH] };
    for (;;) {
      const [process = FRESH] = (state = { ...state, processes: [replay(state, 0, [prepare])] }).processes;
      if (process.next === undefined) return { ...empty, words: state.words };
      const [effect] = perform(state, 0, process.next);
      if (effect?.result === undefined) throw new Error('what prepares a model cannot wait');
      state = note(effect.state, 0, effect.result);
    }
  }

  function check(state: State): string | undefined {
    if (state.inside.length > 1) return `processes ${state.inside.join(' and ')} are in the section at once`;
    const failed = state.processes.findIndex(({ status }) => status === 'failed');
    if (failed >= 0) return `process ${failed} failed: ${state.processes[failed]?.failure ?? ''}`;
    const over = isOver(state);
    const wrong = limits.invariant?.(state, over);
    if (wrong !== undefined) return wrong;
    if (state.processes.some(({ status }) => status === 'ready') || over) return undefined;
    const dead = state.processes.some(({ status }) => status === 'dead');
    if (!dead) return limits.mayRest?.(state) === true ? undefined : 'everybody sleeps and nobody will wake them';
    if (state.rescues < limits.rescues || limits.excused?.(state) === true) return undefined;
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
      which.includes(slot) && process.status === 'ready' ? replay(state, slot, phases[slot] ?? []) : process,
    );
    return { ...state, processes };
  }

  function replay(state: State, slot: number, program: readonly Phase[]): ProcessState {
    let process = state.processes[slot] ?? FRESH;
    for (; process.phase < program.length; process = nextPhase(process)) {
      process = replayPhase(state, slot, process, program[process.phase]);
      if (process.next !== undefined || process.status === 'failed') return process;
    }
    return { ...process, status: 'done' };
  }

  function replayPhase(state: State, slot: number, process: ProcessState, phase: Phase | undefined): ProcessState {
    let done = 0;
    let next: Operation | undefined;
    const history = [...process.history];
    const notes = process.notes.slice(0, process.notesBefore);
    const operate = (operation: Operation): number => {
      if (next !== undefined) throw SUSPENDED;
      if (operation.kind === 'note') return notes.push(operation.value);
      const result = history[done++];
      if (result !== undefined) return result;
      if (operation.kind === 'plainLoad') {
        const word = state.words[operation.at] ?? 0;
        if (limits.loads !== true) return (history.push(word), word);
        next = { kind: 'word', name: 'load', args: [operation.at] };
      } else next = operation;
      throw SUSPENDED;
    };
    let instance = instances[slot];
    if (instance === undefined || instance.isUsed) instances[slot] = instance = instantiate(slot);
    const { code, ownBell, block } = instance;
    const waits = instance.waits;
    waits.pending = 0;
    instance.operate = operate;
    const machine: Machine = {
      block: block as never,
      word: BLOCK_AT,
      atomics: (name, ...args) => operate({ kind: 'word', name, args }),
      section: () => {
        operate({ kind: 'enter' });
        operate({ kind: 'leave' });
      },
      note: value => void operate({ kind: 'note', value }),
      listen: ownBell,
      get isWaiting() {
        return waits.pending > 0;
      },
    };
    try {
      phase?.(code, machine);
    } catch (error) {
      if (error !== SUSPENDED && next === undefined) {
        return { ...process, status: 'failed', history, notes, next: undefined, failure: String(error) };
      }
    }
    return { ...process, history, notes, next };
  }
}

const FRESH: ProcessState = { status: 'ready', phase: 0, history: [], notes: [], notesBefore: 0, next: undefined };

const nextPhase = (process: ProcessState): ProcessState => ({
  ...process,
  phase: process.phase + 1,
  history: [],
  notesBefore: process.notes.length,
});

const isOver = (state: State): boolean => state.processes.every(({ status }) => status === 'done' || status === 'dead');

/** Who was woken by the step of somebody else. */
const changed = (before: State, after: State): number[] =>
  after.processes.flatMap((process, slot) => (process.history === before.processes[slot]?.history ? [] : [slot]));

function note(state: State, slot: number, result: number): State {
  const process = state.processes[slot];
  if (process === undefined) throw new Error(`no process ${slot}`);
  return { ...state, processes: state.processes.with(slot, { ...process, history: [...process.history, result] }) };
}

/** A process's results so far say where it is; of a dead or finished one only what it told matters. */
function keyOf({ words, processes, rung, inside, rescues, running, interruptions }: State, bounded: boolean): string {
  let text = bounded ? `${running},${interruptions}` : '';
  for (const [at, word] of words.entries()) if (word !== 0) text += `|${at}:${word}`;
  for (const { status, phase, history, notes } of processes) {
    text += `|${status}${notes.join(',')}`;
    if (status !== 'dead' && status !== 'done') text += `:${phase}:${history.join(',')}`;
  }
  text += `|${rung.join(',')}|${inside.join(',')}|${rescues}`;
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
