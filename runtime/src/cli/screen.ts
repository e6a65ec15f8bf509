import type { WriteStream } from 'node:tty';

export interface Screen {
  /** Draws the lines from the top; those that do not fit are counted in the last one. */
  show(lines: readonly string[]): void;
  /** Leaves it for a while: the first screen is there as it was, until the next `show`. */
  close(): void;
}

/** The second screen, without a cursor, and without wrapping what is too wide. */
const OPEN = '\u001b[?1049h\u001b[?25l\u001b[?7l';
const CLOSE = '\u001b[?7h\u001b[?25h\u001b[?1049l';
/** A terminal that knows these shows a picture when it is complete; the others pass over them. */
const BEGIN = '\u001b[?2026h';
const END = '\u001b[?2026l';
const HOME = '\u001b[H';
const TO_END_OF_LINE = '\u001b[K';
const TO_END_OF_SCREEN = '\u001b[J';

/** The terminal's second screen: what was on the first one is there again afterwards, whichever way this process ends. */
export function openScreen(stream: WriteStream): Screen {
  let open = false;
  const close = (): void => {
    if (!open) return;
    open = false;
    process.off('exit', close);
    stream.write(CLOSE);
  };
  return {
    show(lines) {
      const rows = stream.rows || 24;
      const over = lines.length - rows;
      const shown = over > 0 ? [...lines.slice(0, rows - 1), `… ${over + 1} more lines`] : lines;
      // Over what is there, line by line: nothing flickers. Cleared before it is written: behind a line that fills the
      // whole width, clearing would take its last character.
      const picture = shown.map(line => `${TO_END_OF_LINE}${line}`).join('\r\n');
      const rest = shown.length < rows ? `\r\n${TO_END_OF_SCREEN}` : '';
      stream.write(`${open ? '' : OPEN}${BEGIN}${HOME}${picture}${rest}${END}`);
      if (open) return;
      open = true;
      process.once('exit', close);
    },
    close,
  };
}
