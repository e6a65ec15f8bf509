import fs from 'node:fs';
import type { Readable, Writable } from 'node:stream';

/** A line that is longer goes on in pieces, in bytes. */
const LONGEST = 1 << 20;
const NEWLINE = 10;
const COLOURS = [36, 33, 32, 35, 34, 31] as const;

let coloured = 0;

/** What a child prints, on its way to a stream of this process: whole lines, so that those of several do not mix. */
export class Relay {
  readonly #source: Readable;
  readonly #target: Writable;
  readonly #prefix: Buffer;
  #started: Buffer[] = [];
  #length = 0;

  constructor(source: Readable, target: Writable, prefix = '') {
    this.#source = source;
    this.#target = target;
    this.#prefix = Buffer.from(prefix);
    source.on('data', (chunk: Buffer) => this.#take(chunk));
    source.once('close', () => this.#endLine());
  }

  /** It does not keep this process running. */
  unref(): void {
    const { unref } = this.#source as { unref?: () => void };
    unref?.call(this.#source);
  }

  /**
   * Hands on what the child has written, the beginning of a line too, without a turn of the event loop: for who waits
   * for the child's end, and for the end of this process.
   */
  flush(): void {
    while (this.#source.read() !== null); // each one comes as 'data'
    const fd = (this.#source as { _handle?: { fd?: number } | null })._handle?.fd ?? -1;
    for (let chunk = readNow(fd); chunk.length > 0; chunk = readNow(fd)) this.#take(chunk);
    this.#endLine();
  }

  #take(chunk: Buffer): void {
    const end = chunk.lastIndexOf(NEWLINE) + 1;
    if (end > 0) this.#write(Buffer.concat([...this.#started.splice(0), chunk.subarray(0, end)]));
    if (end > 0) this.#length = 0;
    if (end === chunk.length) return;
    this.#started.push(chunk.subarray(end));
    this.#length += chunk.length - end;
    if (this.#length > LONGEST) this.#endLine();
  }

  #endLine(): void {
    if (this.#started.length === 0) return;
    this.#write(Buffer.concat([...this.#started.splice(0), Buffer.from('\n')]));
    this.#length = 0;
  }

  /** In one piece, so that nobody else's line comes in between. */
  #write(lines: Buffer): void {
    const target = this.#target;
    if (target.destroyed || target.writableEnded) return;
    const isTaken = target.write(this.#prefix.length === 0 ? lines : withPrefix(lines, this.#prefix), error => {
      forgive(target, error);
      this.#goOn();
    });
    if (isTaken) return;
    this.#source.pause();
    waitingFor(target).add(this.#goOn);
  }

  /** Not at 'drain': of a stream that fails there is none, and the child would stand at its next line for ever. */
  readonly #goOn = (): void => {
    if (waitingFor(this.#target).delete(this.#goOn)) this.#source.resume();
  };
}

/** Who waits for a stream to take more; a stream that is closed need not call back who has written to it. */
const waiting = new WeakMap<Writable, Set<() => void>>();

function waitingFor(target: Writable): Set<() => void> {
  let those = waiting.get(target);
  if (those === undefined) {
    const all = new Set<() => void>();
    waiting.set(target, (those = all));
    target.once('close', () => {
      for (const goOn of all) goOn();
    });
  }
  return those;
}

function withPrefix(lines: Buffer, prefix: Buffer): Buffer {
  const parts: Buffer[] = [];
  for (let start = 0; start < lines.length;) {
    const end = lines.indexOf(NEWLINE, start) + 1;
    parts.push(prefix, lines.subarray(start, end));
    start = end;
  }
  return Buffer.concat(parts);
}

/** As with `console.log`, a terminal that has gone is no error; in a stream of the user's it is the user's. */
function forgive(target: Writable, error: Error | null | undefined): void {
  const isOurs = target === process.stdout || target === process.stderr;
  if (error && isOurs && target.listenerCount('error') === 0) target.once('error', () => undefined);
}

/** What can be read without waiting; nothing at the end, and where streams have no descriptor. */
function readNow(fd: number): Buffer {
  if (fd < 0) return Buffer.alloc(0);
  const buffer = Buffer.allocUnsafe(1 << 16);
  try {
    return buffer.subarray(0, fs.readSync(fd, buffer));
  } catch {
    return Buffer.alloc(0); // EAGAIN: a process that the child has started holds the other end
  }
}

/** `[name] `, in a colour of its own for each process where a person looks at it. */
function prefixOf(name: string, colour: number | undefined): string {
  // A name must not break the line it is to mark.
  const shown = `[${name.replace(/[\x00-\x1f\x7f]/g, ' ')}]`;
  return colour === undefined ? `${shown} ` : `\x1b[${colour}m${shown}\x1b[39m `;
}

const isColoured = (target: NodeJS.WriteStream): boolean => target.isTTY && !process.env['NO_COLOR'];

/** Relays both streams of a child: to this process's own under its name, or to one stream. */
export function relayOutput(
  from: { stdout: Readable | null; stderr: Readable | null },
  to: 'prefix' | Writable,
  name: string,
): Relay[] {
  const own = COLOURS[coloured % COLOURS.length];
  if (to === 'prefix') coloured++;
  return (['stdout', 'stderr'] as const).flatMap(which => {
    const source = from[which];
    if (source === null) return [];
    if (to !== 'prefix') return new Relay(source, to);
    const target = process[which];
    return new Relay(source, target, prefixOf(name, isColoured(target) ? own : undefined));
  });
}
