import type { ChildProcess } from 'node:child_process';
import { CHILD_FLAG } from './launch.js';
import { tell } from '../ending/report.js';

/** The exit code of a process that did nothing of what it was started for, however content it was: never 0. */
export const STILLBORN = 1;

/** Says on stderr, in the name of a process that could not, that it never began. */
export function tellStillborn(name: string, { spawnfile, spawnargs }: ChildProcess, code: number): void {
  // Its last argument before the flag is the file it boots from.
  const options = spawnargs.slice(1, Math.max(1, spawnargs.indexOf(CHILD_FLAG) - 1)).join(' ');
  tell(
    name,
    `RuntimeError: '${spawnfile}${options === '' ? '' : ` ${options}`}' ended with exit code ${code} before it had become ` +
      `this process: it is no Node that can load manycore (setExecutable, execArgv, NODE_OPTIONS), or what is loaded ` +
      `first ended it. What it said itself stands above.`,
  );
}
