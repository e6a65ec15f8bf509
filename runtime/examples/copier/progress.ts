// How far the copy is: a bar on a terminal, plain lines elsewhere.
import cliProgress from 'cli-progress';
import type { Report } from './copy-file.js';

export interface Total {
  files: number;
  bytes: number;
}

export interface Progress {
  advance(report: Report): void;
  finish(): void;
}

export function showProgress(total: Total, stream: NodeJS.WriteStream): Progress {
  return stream.isTTY ? bar(total, stream) : lines(total, stream);
}

/** A file counts one more than its bytes, so that empty files count too and nothing is divided by zero. */
const wholeOf = (total: Total) => total.bytes + total.files;
const weightOf = (report: Report) => report.bytes + (report.done ? 1 : 0);

function bar(total: Total, stream: NodeJS.WriteStream): Progress {
  const single = new cliProgress.SingleBar(
    { format: ' {bar} {percentage}% | {done}/{files} files | {name}', stream },
    cliProgress.Presets.shades_classic,
  );
  let done = 0;
  single.start(wholeOf(total), 0, { done, files: total.files, name: '' });
  return {
    advance(report) {
      if (report.done) done++;
      single.increment(weightOf(report), {
        done,
        name: shortened(printable(report.name), (stream.columns || 80) - 70),
      });
    },
    finish: () => single.stop(),
  };
}

/** At most one line per percent: a log stays readable, however many files there are. */
function lines(total: Total, stream: NodeJS.WriteStream): Progress {
  let weight = 0;
  let shown = -1;
  return {
    advance(report) {
      weight += weightOf(report);
      const percent = Math.min(100, (weight * 100) / wholeOf(total));
      if (Math.floor(percent) <= shown) return;
      shown = Math.floor(percent);
      stream.write(`${percent.toFixed(2)}% (${printable(report.name)})\n`);
    },
    finish() {},
  };
}

/** A name may hold a line break, or what would paint the terminal red. */
export function printable(name: string): string {
  return name.replace(/\p{Cc}/gu, '?');
}

/** The end of a path tells more than its beginning. */
function shortened(name: string, width: number): string {
  const room = Math.max(width, 12);
  const letters = [...name];
  return letters.length <= room ? name : `…${letters.slice(-(room - 1)).join('')}`;
}
