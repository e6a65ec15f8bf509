import fs from 'node:fs';
import { os } from '../../lazyNode.js';
import { sourceMapsEnabled } from '../ending/mapStack.js';
import { executable } from '../starting/executable.js';
import { inheritedExecArgv } from '../starting/nodeOptions.js';

/**
 * All that a new process takes from this one at its start, as one text: a process that was started while it was another
 * cannot stand in for one that is started now. About 50 µs.
 */
export function surroundings(): string {
  return JSON.stringify([
    attempt(() => process.cwd()),
    executable(),
    inheritedExecArgv(),
    process.argv.slice(2),
    process.env,
    attempt(() => process.umask()),
    attempt(() => os().getPriority()),
    sourceMapsEnabled(),
    who(),
    fileBehind(1),
    fileBehind(2),
  ]);
}

/** A process that has given up its rights must not be served by one that was started with them. */
function who(): unknown {
  const { getuid, geteuid, getgid, getegid, getgroups } = process;
  return [getuid?.(), geteuid?.(), getgid?.(), getegid?.(), getgroups?.()];
}

/** Somebody may have closed stdout or stderr and opened something else in its place. */
function fileBehind(fd: number): unknown {
  return attempt(() => {
    const { dev, ino } = fs.fstatSync(fd);
    return [dev, ino];
  });
}

function attempt(ask: () => unknown): unknown {
  try {
    return ask();
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? 'none';
  }
}
