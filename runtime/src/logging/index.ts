import { endWithParent, setLogHook } from '../process/index.js';
import { Level, levelNumber, type LevelLike } from './levels.js';
import { Logger } from './logger.js';
import { lineOf } from './record.js';
import { RelayIn, RelayOut, type RelayHandle } from './relay.js';
import { complain, type LogSink } from './sinks.js';

export { Level, type LevelLike, type LevelName } from './levels.js';
export type { Logger, SinkOptions } from './logger.js';
export type { LogRecord } from './record.js';
export type { AnySink, ConsoleLike, LogSink, PinoLike } from './sinks.js';

const logger = new Logger();
let toStderr = false;

const stderrSink: LogSink = record => process.stderr.write(`${lineOf(record)}\n`);

/** The library's logger: one a process. Children have its level, and what they log comes to its sinks. */
export function getLogger(): Logger {
  endWithParent(); // it has something to say at the end, even where nothing else asked for the end
  return logger;
}

/**
 * Writes the library's log to stderr, as `[INFO/Process-1] child process calling self.run()`, in this process and in
 * those it starts from now on. Twice is once (Python writes each line twice then).
 */
export function logToStderr(level?: LevelLike): Logger {
  if (level !== undefined) logger.setLevel(levelNumber(level));
  logger.addSink(stderrSink, { children: false }); // they write to stderr themselves
  toStderr = true;
  return getLogger();
}

interface Settings {
  readonly level: number;
  readonly toStderr: boolean;
  /** Where ancestors want the records: the parent, and those above it. */
  readonly relays?: readonly RelayHandle[];
}

/** From our children; there once a sink wants their records and there is one. */
let incoming: RelayIn | undefined;
const outgoing: RelayOut[] = [];

function settings(): Settings {
  const relays = outgoing.map(({ handle }) => handle);
  if (logger._wantsChildren) {
    try {
      incoming ??= new RelayIn(record => logger._fromChild(record));
      relays.push(incoming.handle);
    } catch (error) {
      // Shared memory is short: the child starts all the same.
      complain(`what children log does not come to the sinks of this process: ${String(error)}`);
    }
  }
  return { level: logger.effectiveLevel, toStderr, ...(relays.length === 0 ? {} : { relays }) };
}

function inherit({ level, toStderr: shown, relays = [] }: Settings): void {
  if (shown) logToStderr(level);
  else logger.setLevel(level);
  for (const handle of relays) {
    try {
      const relay = new RelayOut(handle);
      outgoing.push(relay);
      logger.addSink(relay.send, { children: false }); // they have the same relays
    } catch {
      // Who wants the records has gone meanwhile.
    }
  }
}

setLogHook({
  log: (level, message) => logger._own(level === 'info' ? Level.INFO : Level.DEBUG, message),
  settings,
  inherit: given => inherit(given as Settings),
  childEnded: () => incoming?.drain(),
});
