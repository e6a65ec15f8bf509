import { format } from 'node:util';
import { checkNames } from '../optionNames.js';
import { self } from '../process/index.js';
import { caller } from './caller.js';
import { Level, levelName, levelNumber, type LevelLike } from './levels.js';
import type { LogRecord } from './record.js';
import { sinkOf, type AnySink, type LogSink } from './sinks.js';

export interface SinkOptions {
  /**
   * Whether the records of the processes that this one starts from now on, and of theirs, come to the sink too. Default
   * true.
   */
  readonly children?: boolean | undefined;
}

interface Entry {
  readonly write: LogSink;
  readonly children: boolean;
}

/**
 * The library's own log (Python: `multiprocessing.get_logger()`): silent until it has a sink. Messages may hold `%s`
 * and `%d`, as `console.log`'s do.
 */
export class Logger {
  readonly #sinks = new Map<AnySink, Entry>();
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

  /**
   * Gives each record to a function, to a `console`, or to a logger like pino's. A sink that throws is told of on stderr,
   * once, and does no other harm. Given twice it is one. Throws TypeError for what is no sink, and for unknown options.
   */
  addSink(sink: AnySink, options?: SinkOptions): void {
    const { children = true } = checkNames(options, ['children'], 'addSink');
    this.#sinks.set(sink, { write: sinkOf(sink), children });
  }

  removeSink(sink: AnySink): void {
    this.#sinks.delete(sink);
  }

  isEnabledFor(level: LevelLike): boolean {
    return this.#sinks.size > 0 && levelNumber(level) >= this.effectiveLevel;
  }

  log(level: LevelLike, message: string, ...args: unknown[]): void {
    if (this.isEnabledFor(level)) this.#write(levelNumber(level), format(message, ...args), caller());
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

  /** @internal What the library itself has to say: nobody's file and line. */
  _own(level: number, message: string): void {
    if (this.isEnabledFor(level)) this.#write(level, message, { file: undefined, line: undefined });
  }

  /** @internal A record of a child: it has passed the level there. */
  _fromChild(record: LogRecord): void {
    for (const { write, children } of this.#sinks.values()) if (children) write(record);
  }

  /** @internal Whether a sink wants what children log. */
  get _wantsChildren(): boolean {
    return [...this.#sinks.values()].some(({ children }) => children);
  }

  #write(level: number, message: string, place: Pick<LogRecord, 'file' | 'line'>): void {
    const record: LogRecord = {
      level,
      levelName: levelName(level),
      message,
      processName: self().name,
      pid: process.pid,
      time: Date.now(),
      ...place,
    };
    for (const { write } of this.#sinks.values()) write(record);
  }
}
