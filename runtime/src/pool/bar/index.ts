/**
 * Progress on a terminal. A bundle of its own (`progressBar.cjs`), loaded when the first bar is drawn, since few
 * programs draw one.
 */
import { MultiBar, Presets, type SingleBar } from 'cli-progress';
import { cut, plain, width } from '../../textWidth.js';
import type { Progress } from '../progress.js';

export interface Bar {
  update(progress: Progress): void;
  finish(progress: Progress): void;
}

const KNOWN = ' {label}{bar} {percentage}% | {value}/{total}{failures} | {rate} | {left}';
const UNKNOWN = ' {label}{value} done{failures} | {rate} | {left}';

/** All bars of the process: calls that run at the same time have one below the other. */
let bars: Bars | undefined;
let shown = 0;
/** So wide is the widest label of those shown: the bars stand below each other. */
let labelWidth = 0;

const LONGEST_LABEL = 30;
const LONGEST_BAR = 40;
const SHORTEST_BAR = 8;
/** What the figures beside a bar take, in columns. */
const FIGURES = 45;

class Bars extends MultiBar {
  declare timer?: NodeJS.Timeout;

  /** The library's timer draws; it must not keep a program running whose work is done. */
  override update(): void {
    super.update();
    this.timer?.unref();
  }
}

/** Draws on stderr; where that is no terminal, writes a line now and then. */
export function openBar(label: string, total: number | undefined): Bar {
  bars ??= new Bars(
    {
      stream: process.stderr,
      // Signals and the cursor are the program's own.
      gracefulExit: false,
      hideCursor: null,
      // Nor is wrapping switched off: a program that is interrupted would leave the terminal so. Lines are cut instead.
      linewrap: true,
      noTTYOutput: true,
      clearOnComplete: false,
      emptyOnZero: true,
    },
    Presets.shades_classic,
  );
  shown++;
  const name = cut(plain(label), LONGEST_LABEL);
  labelWidth = Math.max(labelWidth, width(name));
  const format = total === undefined ? UNKNOWN : KNOWN;
  const bar = bars.create(total ?? 0, 0, textsOf(name), { format, barsize: barSize() });
  return {
    update: progress => show(bar, name, progress),
    finish: progress => {
      show(bar, name, progress);
      bar.stop();
      if (--shown > 0) return;
      bars?.stop();
      bars = undefined;
      labelWidth = 0;
    },
  };
}

function barSize(): number {
  const columns = process.stderr.isTTY && process.stderr.columns > 0 ? process.stderr.columns : Infinity;
  return Math.min(Math.max(columns - labelWidth - FIGURES, SHORTEST_BAR), LONGEST_BAR);
}

function show(bar: SingleBar, label: string, progress: Progress): void {
  if (progress.total !== undefined) bar.setTotal(progress.total);
  bar.update(progress.done, textsOf(label, progress));
}

function textsOf(label: string, progress?: Progress): Record<string, string> {
  const failed = progress?.failed ?? 0;
  const ended = progress !== undefined && progress.done === progress.total;
  return {
    label: labelWidth === 0 ? '' : `${label}${' '.repeat(labelWidth - width(label))} `,
    failures: failed === 0 ? '' : `, ${failed} failed`,
    rate: progress === undefined ? '–' : `${rounded(progress.rate)}/s`,
    left: progress?.eta === undefined || ended ? time(progress?.elapsed ?? 0) : `${time(progress.eta)} left`,
  };
}

const rounded = (rate: number): string => (rate < 10 ? rate.toFixed(1) : Math.round(rate).toString());

function time(ms: number): string {
  const seconds = Math.round(ms / 1000);
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  return minutes < 60 ? `${minutes} min ${seconds % 60} s` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
