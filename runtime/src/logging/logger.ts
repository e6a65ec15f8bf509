import { format } from 'node:util';
import { self } from '../process/index.js';
import { Level, levelName, levelNumber, type LevelLike } from './levels.js';

/** One thing that happened, as a sink gets it. */
export interface LogRecord {
  readonly level: number;
  readonly levelName: string;
  readonly message: string;
  readonly processName: string;
  readonly pid: number;
  /** Epoch milliseconds. */
  readonly time: number;
}

export type LogSink = (record: LogRecord) => void;

/**
 * The library's own log (Python: `multiprocessing.get_logger()`): silent until it has a sink. Messages may hold `%s`
 * and `%d`, as `console.log`'s do.
 */
export class Logger {
  readonly #sinks = new Set<LogSink>();
  #level: number = Level.NOTSET;

  /** 0 until set, and then shows what a logger without a level of its own shows: warnings and worse. */
  get level(): number {
    return this.#level;
  }

  get effectiveLevel(): number {
    return this.#level === Level.NOTSET ? Level.WARNING : this.#level;
  }

  setLevel(level: LevelLike): void {
    this.#level = levelNumber(level);
  }

  addSink(sink: LogSink): void {
    this.#sinks.add(sink);
  }

  removeSink(sink: LogSink): void {
    this.#sinks.delete(sink);
  }

  isEnabledFor(level: LevelLike): boolean {
    return this.#sinks.size > 0 && levelNumber(level) >= this.effectiveLevel;
  }

  log(level: LevelLike, message: string, ...args: unknown[]): void {
    if (!this.isEnabledFor(level)) return;
    const number = levelNumber(level);
    const record: LogRecord = {
      level: number,
      levelName: levelName(number),
      message: format(message, ...args),
      processName: self().name,
      pid: process.pid,
      time: Date.now(),
    };
    for (const sink of this.#sinks) sink(record);
  }

  debug(message: string, ...args: unknown[]): void {
    this.log(Level.DEBUG, message, ...args);
  }

  info(message: string, ...args: unknown[]): void {
    this.log(Level.INFO, message, ...args);
  }

  warning(message: string, ...args: unknown[]): void {
    this.log(Level.WARNING, message, ...args);
  }

  error(message: string, ...args: unknown[]): void {
    this.log(Level.ERROR, message, ...args);
  }

  critical(message: string, ...args: unknown[]): void {
    this.log(Level.CRITICAL, message, ...args);
  }
}
