import { isBundled } from '../home.js';

const DEEPEST = 50;

/**
 * Makes an error whose stack begins where the user's program called the library: what it reports is wrong with the
 * machine, and a page of the library's own frames would hide the line to look at.
 */
export function plainly<T extends Error>(make: () => T): T {
  const limit = Error.stackTraceLimit;
  Error.stackTraceLimit = DEEPEST;
  try {
    const error = make();
    error.stack = (error.stack ?? '')
      .split('\n')
      .filter(line => isBundled || !(line.startsWith('    at ') && line.includes(__filename)))
      .join('\n');
    if (error.cause instanceof Error) error.cause.stack = `${error.cause.name}: ${error.cause.message}`;
    return error;
  } finally {
    Error.stackTraceLimit = limit;
  }
}
