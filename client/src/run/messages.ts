/** What crosses between the extension and the runner: one job in, many reports out, each a line of JSON. */

/** Where the inputs come from. They are read by the runner, so that nothing of the workspace is evaluated in the editor. */
export type InputSource =
  /** A list as one would write it in a program: `[1, 2, 3]`. */
  | { readonly kind: 'literal'; readonly text: string }
  /** Whole numbers, both ends included; `step` is at least 1. */
  | { readonly kind: 'range'; readonly from: number; readonly to: number; readonly step: number }
  /** A JSON file that holds a list, a CSV file (a list of rows), or a text file (a list of lines). */
  | { readonly kind: 'file'; readonly path: string };

export interface Job {
  /** Absolute path of the module. */
  readonly module: string;
  readonly exportName: string;
  readonly inputs: InputSource;
  /** The function takes several arguments: an input that is a list is spread over them. */
  readonly spread: boolean;
  /** Workers; null for the library's default. */
  readonly processes: number | null;
}

/** What became of one input. */
export interface TaskReport {
  readonly type: 'task';
  readonly index: number;
  readonly ok: boolean;
  /** The input and its result, or the error with its stack, as text to read. */
  readonly input: string;
  readonly output: string;
  /** The result as JSON for saving; undefined when it cannot be JSON. */
  readonly json?: unknown;
  /** From handing the task over to having its result. */
  readonly ms: number;
}

export type Report =
  | { readonly type: 'started'; readonly pid: number; readonly total: number; readonly workers: number }
  | TaskReport
  | { readonly type: 'failed'; readonly message: string }
  | { readonly type: 'done'; readonly ms: number };
