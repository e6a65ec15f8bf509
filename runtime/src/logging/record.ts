/** One thing that happened, as a sink gets it. */
export interface LogRecord {
  /** The number; see `Level`. */
  readonly level: number;
  /** `INFO`, or `Level 32` for a number without a name. */
  readonly levelName: string;
  readonly message: string;
  /** Of the process that logged it, which may be a child of the one that has the sink. */
  readonly processName: string;
  readonly pid: number;
  /** Epoch milliseconds. */
  readonly time: number;
  /** Who logged it: the path and the line from 1. Undefined for what the library says itself. */
  readonly file: string | undefined;
  readonly line: number | undefined;
}

/** As Python's `log_to_stderr` writes it: `[INFO/Process-1] process shutting down`. */
export const lineOf = ({ levelName, processName, message }: LogRecord): string =>
  `[${levelName}/${processName}] ${message}`;
