import { Ring } from '../channel/index.js';
import { Level, levelName } from './levels.js';
import type { LogRecord } from './record.js';

/**
 * How the records of children come to the sinks of a process: through a ring in shared memory, which a child only ever
 * tries to write to. A process that does not read costs records (they are counted), and never time.
 */
const RING_BYTES = 256 * 1024;
/** Of a longer message the end is lost: what the ring takes directly has to be short. */
const LONGEST = 8 * 1024;
const SILENT = { kind: 'none', object: 0 } as const;

export type RelayHandle = readonly [segmentId: number, offset: number];

/** What is written: a record, and how many before it found no room. */
interface Sent extends LogRecord {
  readonly lost: number;
}

/** The side of a child. */
export class RelayOut {
  readonly handle: RelayHandle;
  readonly #ring: Ring;
  #lost = 0;

  /** Throws OSError when who made it has gone, and its memory with it. */
  constructor(handle: RelayHandle) {
    this.handle = handle;
    this.#ring = Ring.attach(...handle);
  }

  readonly send = (record: LogRecord): void => {
    const message = record.message.length > LONGEST ? `${record.message.slice(0, LONGEST)} …` : record.message;
    const sent: Sent = { ...record, message, lost: this.#lost };
    const bytes = Buffer.from(JSON.stringify(sent));
    if (this.#ring.tryWrite(bytes, 0, bytes.length)) this.#lost = 0;
    else this.#lost++;
  };
}

/** The side of who has the sinks: hands on what comes, until the process ends. It does not keep the process running. */
export class RelayIn {
  readonly handle: RelayHandle;
  readonly #ring: Ring;
  readonly #take: (record: LogRecord) => void;

  /** Throws OSError when shared memory is short. */
  constructor(take: (record: LogRecord) => void) {
    this.#take = take;
    this.#ring = Ring.create(RING_BYTES);
    this.handle = this.#ring.handle;
    this.#listen();
  }

  /** Hands on what is there, without a turn of the event loop. */
  drain(): void {
    while (this.#ring.tryRead((bytes, start, end) => this.#read(bytes.toString('utf8', start, end))) !== undefined);
  }

  #listen(): void {
    const attempt = (): undefined => {
      this.drain();
      return undefined;
    };
    // It has no end; what it rejects with is the end of the process.
    this.#ring.readable.wait({ subject: SILENT, attempt, keepsAlive: false }).catch(() => undefined);
  }

  #read(text: string): true {
    const { lost, ...record } = JSON.parse(text) as Sent;
    if (lost > 0) {
      const message = `${lost} records of the log were lost: they came faster than this process could take them`;
      const level = Level.WARNING;
      this.#take({ ...record, level, levelName: levelName(level), message, file: undefined, line: undefined });
    }
    this.#take({ ...record, file: record.file, line: record.line });
    return true;
  }
}
