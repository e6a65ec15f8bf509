import { inspect } from 'node:util';
import { Level } from './levels.js';
import { lineOf, type LogRecord } from './record.js';

/** What a record is given to. A promise that it answers is not waited for. */
export type LogSink = (record: LogRecord) => unknown;

/** `console`, or anything with its four methods: gets the line that `logToStderr` would write. */
export interface ConsoleLike {
  debug(text: string): unknown;
  info(text: string): unknown;
  warn(text: string): unknown;
  error(text: string): unknown;
}

type StructuredMethod = (fields: object, text: string) => unknown;

/** A logger of pino, or one with its methods (bunyan): gets the fields of the record, and the message. */
export interface PinoLike {
  child(bindings: object): unknown;
  trace: StructuredMethod;
  debug: StructuredMethod;
  info: StructuredMethod;
  warn: StructuredMethod;
  error: StructuredMethod;
  fatal: StructuredMethod;
}

export type AnySink = LogSink | ConsoleLike | PinoLike;

/** Throws TypeError for what is no sink. */
export function sinkOf(given: AnySink): LogSink {
  const write = writerOf(given);
  let hasFailed = false;
  let isBusy = false;
  const failed = (error: unknown): void => {
    if (hasFailed) return;
    hasFailed = true;
    complain(`a sink of the log failed; it is told of once: ${inspect(error)}`);
  };
  return record => {
    // A sink that logs itself would be called by what it logs, without end.
    if (isBusy) return;
    isBusy = true;
    try {
      const answer = write(record);
      if (answer instanceof Promise) answer.catch(failed);
    } catch (error) {
      failed(error);
    } finally {
      isBusy = false;
    }
  };
}

function writerOf(given: AnySink): LogSink {
  if (typeof given === 'function') return given;
  if (has(given, ['child', 'trace', 'debug', 'info', 'warn', 'error', 'fatal'])) {
    const logger = given as PinoLike;
    return ({ level, message, processName, pid, time, file, line }) =>
      logger[pinoMethod(level)]({ processName, pid, time, file, line }, message);
  }
  if (has(given, ['debug', 'info', 'warn', 'error'])) {
    const target = given as ConsoleLike;
    return record => target[consoleMethod(record.level)](lineOf(record));
  }
  throw new TypeError(
    `a sink is a function, a console, or a logger with pino's methods, not ${inspect(given, { depth: 0 })}`,
  );
}

const has = (object: unknown, methods: readonly string[]): boolean =>
  typeof object === 'object' &&
  object !== null &&
  methods.every(name => typeof Reflect.get(object, name) === 'function');

function pinoMethod(level: number): 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal' {
  if (level >= Level.CRITICAL) return 'fatal';
  return level < Level.DEBUG ? 'trace' : consoleMethod(level);
}

/** The worst one that the level reaches: 25 is an `info`, as it is in Python's own table. */
function consoleMethod(level: number): 'debug' | 'info' | 'warn' | 'error' {
  if (level >= Level.ERROR) return 'error';
  if (level >= Level.WARNING) return 'warn';
  return level >= Level.INFO ? 'info' : 'debug';
}

/** To stderr, if that still takes anything: the program goes on in any case. */
export function complain(text: string): void {
  try {
    process.stderr.write(`manycore: ${text}\n`);
  } catch {
    // Nobody is left to be told.
  }
}
