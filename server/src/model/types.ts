/**
 * What rules see of a program: plain data, without a node or type of the compiler in it, so that another compiler can
 * stand behind it.
 */

/** Offsets in UTF-16 units into the text of `file`. */
export interface Span {
  file: string;
  start: number;
  end: number;
}

export interface Related {
  span: Span;
  message: string;
}

export interface Captured {
  name: string;
  kind: 'variable' | 'function' | 'class' | 'this' | 'type';
  declaration: Span | undefined;
  /** The function assigns to it, so a copy handed over would not do. */
  written: boolean;
  /** Its printed type, fit for a parameter's annotation; undefined when it cannot be written outside its scope. */
  type: string | undefined;
  /** Whether the value can travel to another process as an argument. */
  travels: boolean;
}

/** What stands where the runtime expects a function that a child can import. */
export type TargetForm =
  | { kind: 'importable'; file: string; exportName: string; fn: FunctionRef | undefined }
  | {
      kind: 'closure';
      shape: 'arrow function' | 'function expression' | 'nested function';
      name: string | undefined;
      declaration: Span;
      captured: Captured[];
    }
  | { kind: 'method'; bound: boolean; text: string; declaration: Span | undefined }
  | { kind: 'unexported'; name: string; declaration: Span; fn: FunctionRef | undefined }
  | { kind: 'parameter'; index: number }
  | { kind: 'unknown' };

/** Names a function across files: where its node starts and ends. */
export type FunctionRef = Span;

export type Verdict = { kind: 'ok' } | { kind: 'unknown' } | Bad;

export interface Bad {
  kind: 'bad';
  /** Steps from the value to the culprit, such as `.logger`, `[0]`; empty when the value itself is the culprit. */
  path: string[];
  /** What the culprit is, with its article: `a net.Socket`. */
  why: string;
  /** The literal part in front of us that is the culprit, when there is one. */
  culprit: Span | undefined;
  /** What a quick-fix can do about it. */
  remedy: 'await' | 'spread' | 'extract' | 'export' | 'leave-out' | undefined;
  /** The declaration that `export` would mend. */
  unexported?: string;
}

export interface Runner {
  /** As people say it: `Pool.map`, `Process`. */
  name: string;
  kind: 'pool' | 'process';
  role: 'target' | 'initializer' | 'run';
  /** Name of the member called; `new` for a construction. */
  member: string;
  /** Whether the function runs in a daemonic process, which may not have children. */
  daemonic: 'yes' | 'no' | 'unknown';
  /** The `new Pool(…)` or `new Process(…)`, where it is known and in this file. */
  construction: Span | undefined;
}

/** A place where a function is handed to the runtime, directly or through functions that pass it on. */
export interface TargetUse {
  span: Span;
  /** The whole call or construction. */
  call: Span;
  form: TargetForm;
  runner: Runner;
  /** How it got there, when other functions pass it on. */
  via: Related[];
  /** Whether the function's parameters and the call's shape let captured variables become arguments. */
  args: ArgumentShape | undefined;
}

/** Where further arguments could go: behind the last of an array literal, or a new option or argument. */
export type ArgumentShape =
  | { kind: 'append'; array: Span; empty: boolean }
  | { kind: 'option'; after: Span; name: string }
  | { kind: 'argument'; after: Span }
  | { kind: 'starmap'; member: Span; items: Span };

/** A value that is sent to another process. */
export interface Send {
  span: Span;
  /** As people say it: `args[0] of Process`, `the argument of Queue.put`. */
  position: string;
  /** The value as written, shortened. */
  text: string;
  verdict: () => Verdict;
}

/** Something at the top level of a module that starts a process when the module is imported. */
export interface TopLevelStart {
  span: Span;
  what: string;
  chain: Related[];
}

/** `pool.join()` that may come before `close()` or `terminate()`. */
export interface EarlyJoin {
  span: Span;
  pool: string;
  certain: boolean;
  created: Span;
  disposable: boolean;
}

/** A construction of a runtime class whose subclass has its own `run()`. */
export interface Constructed {
  span: Span;
  runner: Runner;
  run: FunctionRef;
  name: string;
}

export interface FileFacts {
  file: string;
  /** How this module names itself to `isMain`. */
  moduleKind: 'esm' | 'cjs';
  targets: TargetUse[];
  sends: Send[];
  constructed: Constructed[];
  earlyJoins: EarlyJoin[];
}

/** Questions that need types or other files; asked only where a rule has a reason to. */
export interface TypeOracle {
  facts(file: string): FileFacts;
  /** The calls from a function to the first process or pool that it surely starts; undefined when it starts none. */
  startChain(fn: FunctionRef): Related[] | undefined;
  /** What the module does at its top level, unguarded, that starts processes. */
  topLevelStarts(file: string): TopLevelStart[];
  /** Why a child imports this module; undefined when none is known to. */
  importedByChildren(file: string): Related | undefined;
  /** Printed parameter types of the function at a span; an entry is undefined where the type cannot be written. */
  parameterTypes(fn: Span): (string | undefined)[];
}
