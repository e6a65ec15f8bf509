import { spawn, spawnSync, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { DEADLINE } from '../process/support.js';

const helper = path.resolve(
  path.dirname(fileURLToPath(import.meta.url)),
  '../../../../test/runtime/cli/fixtures/terminal.py',
);

/** Whether there is what opens a terminal here; else a reason to skip. */
export const noTerminal: string | false =
  process.platform !== 'win32' && spawnSync('python3', ['-c', 'import pty']).status === 0
    ? false
    : 'needs python3 to open a terminal';

// A control sequence of those that a terminal here knows, another character of control, or a run of text.
const TOKEN = /\u001b\[(\??)([\d;]*)([A-Za-z])|([\r\n\b])|([^\u0000-\u001f\u007f]+)|(.)/gsu;

/** What a person would see: a screen of characters, and a second one, by the sequences that programs here use. */
export class Screen {
  columns: number;
  rows: number;
  cursorShown = true;
  wraps = true;
  /** How often the second screen was opened and a picture begun. */
  pictures = 0;
  readonly #main: string[][] = [];
  #second: string[][] | undefined;
  #row = 0;
  #column = 0;
  #kept: readonly [row: number, column: number] = [0, 0];

  constructor(columns: number, rows: number) {
    this.columns = columns;
    this.rows = rows;
  }

  get onSecond(): boolean {
    return this.#second !== undefined;
  }

  get lines(): string[] {
    return Array.from({ length: this.rows }, (_, row) => (this.#cells[row] ?? []).join('').trimEnd());
  }

  get text(): string {
    return this.lines.join('\n').trimEnd();
  }

  feed(text: string): void {
    for (const [token, mark, numbers = '', final = '', control, run] of text.matchAll(TOKEN)) {
      if (run !== undefined) for (const char of run) this.#put(char);
      else if (control !== undefined) this.#control(control);
      else if (mark === '?') this.#mode(Number(numbers), final === 'h');
      else if (mark === '') this.#sequence(final, numbers.split(';').map(Number));
      else throw new Error(`no terminal of these tests knows ${JSON.stringify(token)}`);
    }
  }

  get #cells(): string[][] {
    return this.#second ?? this.#main;
  }

  #put(char: string): void {
    if (this.#column >= this.columns) {
      if (this.wraps) {
        this.#column = 0;
        this.#down();
      } else this.#column = this.columns - 1;
    }
    const cells = (this.#cells[this.#row] ??= []);
    while (cells.length < this.#column) cells.push(' ');
    cells[this.#column++] = char;
  }

  #down(): void {
    if (this.#row < this.rows - 1) this.#row++;
    else this.#cells.shift();
  }

  #control(control: string): void {
    if (control === '\r') this.#column = 0;
    else if (control === '\b') this.#column = Math.max(0, this.#column - 1);
    else this.#down();
  }

  #mode(mode: number, on: boolean): void {
    if (mode === 25) this.cursorShown = on;
    else if (mode === 7) this.wraps = on;
    else if (mode === 2026) this.pictures += on ? 1 : 0;
    else if (mode === 1049) {
      if (on) this.#kept = [this.#row, this.#column];
      else [this.#row, this.#column] = this.#kept;
      this.#second = on ? [] : undefined;
    } else throw new Error(`no terminal of these tests knows mode ${mode}`);
  }

  #sequence(final: string, [first = 0, second = 0]: readonly number[]): void {
    const cells = this.#cells;
    switch (final) {
      case 'm':
        return;
      case 'H':
        [this.#row, this.#column] = [Math.max(first, 1) - 1, Math.max(second, 1) - 1];
        return;
      case 'A':
        this.#row = Math.max(0, this.#row - (first || 1));
        return;
      case 'G':
        this.#column = Math.max(first, 1) - 1;
        return;
      case 'K':
        // Behind the last column the cursor stands on it: that character goes.
        cells[this.#row]?.splice(first === 0 ? Math.min(this.#column, this.columns - 1) : 0);
        return;
      case 'J':
        if (first !== 0) throw new Error('a screen that is cleared flickers');
        cells[this.#row]?.splice(this.#column);
        cells.splice(this.#row + 1);
        return;
      default:
        throw new Error(`no terminal of these tests knows CSI ${final}`);
    }
  }
}

/** A command that runs in a terminal. */
export class Terminal {
  readonly screen: Screen;
  /** All that it has been sent. */
  sent = '';
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #ended: Promise<unknown>;
  #status = '';

  constructor(command: readonly string[], env: NodeJS.ProcessEnv, columns = 100, rows = 40) {
    this.screen = new Screen(columns, rows);
    const own: NodeJS.ProcessEnv = { ...env, TERM: 'xterm-256color' };
    delete own['NODE_TEST_CONTEXT'];
    this.#child = spawn('python3', [helper, String(columns), String(rows), ...command], { env: own });
    this.#child.stdout.setEncoding('utf8').on('data', (text: string) => {
      this.sent += text;
      this.screen.feed(text);
    });
    this.#child.stderr.setEncoding('utf8').on('data', (text: string) => (this.#status += text));
    this.#ended = once(this.#child, 'close', { signal: AbortSignal.timeout(DEADLINE) });
  }

  resize(columns: number, rows: number): void {
    this.screen.columns = columns;
    this.screen.rows = rows;
    this.#child.stdin.write(`size ${columns} ${rows}\n`);
  }

  type(keys: string): void {
    this.#child.stdin.write(`type ${Buffer.from(keys).toString('hex')}\n`);
  }

  hangUp(): void {
    this.#child.stdin.write('hangup\n');
  }

  /** Resolves with the exit code, negative for a signal. */
  async end(): Promise<number> {
    await this.#ended;
    return Number(this.#status);
  }

  /** Looks at the screen until it is so. */
  async until(isSo: (screen: Screen) => boolean, what: string): Promise<void> {
    const deadline = Date.now() + DEADLINE;
    while (!isSo(this.screen)) {
      const hasEnded = this.#child.exitCode !== null && this.#child.stdout.readableEnded;
      if (hasEnded || Date.now() > deadline)
        throw new Error(
          `not ${hasEnded ? 'before its end' : 'in time'}: ${what}\n${this.screen.text}\n${this.#status}`,
        );
      await new Promise(resolve => setTimeout(resolve, 10));
    }
  }
}
