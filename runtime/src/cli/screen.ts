import type { WriteStream } from 'node:tty';

export interface Screen {
  /** Draws the lines from the top; those that do not fit are counted in the last one. */
  show(lines: readonly string[]): void;
  close(): void;
}

const OPEN = '\u001b[?1049h\u001b[?25l';
const CLOSE = '\u001b[?25h\u001b[?1049l';

/** The terminal's second screen: what was on the first one is there again afterwards, whichever way this process ends. */
export function openScreen(stream: WriteStream): Screen {
  let open = true;
  const close = (): void => {
    if (!open) return;
    open = false;
    process.off('exit', close);
    stream.write(CLOSE);
  };
  process.once('exit', close);
  stream.write(OPEN);
  return {
    show(lines) {
      const over = lines.length - stream.rows;
      const shown = over > 0 ? [...lines.slice(0, stream.rows - 1), `… ${over + 1} more lines`] : lines;
      // Over what is there, line by line: nothing flickers.
      stream.write(`\u001b[H${shown.map(line => `${line}\u001b[K`).join('\r\n')}\u001b[J`);
    },
    close,
  };
}
