import type { Rule } from '../normalise.js';

/**
 * What is fixed about the order of the lines a program prints. What is not said here may differ from run to run:
 * its processes race.
 */
export type Lines =
  /** The same lines in the same order. */
  | 'in order'
  /** The same lines, as often, in any order. */
  | 'in any order'
  /** The same lines, however often each: how many processes there are depends on the machine. */
  | 'each at least once';

export interface SeedExample {
  /** `runtime/examples/<name>.ts`, and `python/<name>.py` unless `golden` says otherwise. */
  readonly name: string;
  /** What the program shows; part of the test's name. */
  readonly shows: string;
  readonly lines: Lines;
  /** The program whose recording this one is compared with; by default the one of its own name. */
  readonly golden?: string;
  /** Lines of one process, found by the first group, are in order among themselves. */
  readonly perProcess?: RegExp;
  /** Every line that matches the first comes before every line that matches the second. */
  readonly before?: readonly (readonly [RegExp, RegExp])[];
  /** Never more than `limit` lines that open without one that closes. */
  readonly atOnce?: { readonly opens: RegExp; readonly closes: RegExp; readonly limit: number };
  /** This many lines or more match. */
  readonly atLeast?: readonly [RegExp, number];
  /** Lines that need not be there, such as a race between a start and a termination. */
  readonly maybe?: RegExp;
  /** Lines only the recording has, and lines only the example has. */
  readonly onlyPython?: RegExp;
  readonly onlyOurs?: RegExp;
  readonly rules?: readonly Rule[];
  /** Texts that are in both standard errors. Without it, and without `stderrOurs`, ours is empty. */
  readonly stderr?: readonly string[];
  /** Texts that are in ours alone, because each language words its own error. */
  readonly stderrOurs?: readonly string[];
  /** A folder of `fixtures/` put into the working directory, and the arguments. */
  readonly folder?: string;
  readonly args?: readonly string[];
  /** Files it leaves in its working directory, equal to those recorded whatever the order of their lines. */
  readonly leaves?: readonly string[];
  /** Its result depends on a process being up within a second; nothing else of these tests runs meanwhile. */
  readonly timed?: boolean;
  /** How long it may take, in milliseconds, before it counts as hung. */
  readonly deadline?: number;
}

/** A program of the seeds that cannot be written yet. */
export interface MissingExample {
  readonly name: string;
  readonly shows: string;
  readonly needs: string;
}
