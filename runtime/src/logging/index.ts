import { endWithParent, setLogHook } from '../process/index.js';
import { levelNumber, type LevelLike } from './levels.js';
import { Logger, type LogSink } from './logger.js';

export { Level, type LevelLike, type LevelName } from './levels.js';
export type { Logger, LogRecord, LogSink } from './logger.js';

const logger = new Logger();
let toStderr = false;

const stderrSink: LogSink = ({ levelName, processName, message }) => {
  process.stderr.write(`[${levelName}/${processName}] ${message}\n`);
};

/** The library's logger: one a process; children have its level, not its sinks. */
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
  logger.addSink(stderrSink);
  toStderr = true;
  return getLogger();
}

interface Settings {
  readonly level: number;
  readonly toStderr: boolean;
}

setLogHook({
  log: (level, message) => logger[level](message),
  settings: (): Settings => ({ level: logger.effectiveLevel, toStderr }),
  inherit: settings => {
    const { level, toStderr: shown } = settings as Settings;
    if (shown) logToStderr(level);
    else logger.setLevel(level);
  },
});
