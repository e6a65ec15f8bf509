/**
 * Progress on a terminal. A bundle of its own (`progressBar.cjs`), loaded when the first bar is drawn, since few
 * programs draw one.
 */
import { MultiBar, Presets, type SingleBar } from 'cli-progress';
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
      noTTYOutput: true,
      clearOnComplete: false,
      emptyOnZero: true,
    },
    Presets.shades_classic,
  );
  shown++;
  const format = total === undefined ? UNKNOWN : KNOWN;
  const bar = bars.create(total ?? 0, 0, textsOf(label), { format });
  return {
    update: progress => show(bar, label, progress),
    finish: progress => {
      show(bar, label, progress);
      bar.stop();
      if (--shown > 0) return;
      bars?.stop();
      bars = undefined;
    },
  };
}

function show(bar: SingleBar, label: string, progress: Progress): void {
  if (progress.total !== undefined) bar.setTotal(progress.total);
  bar.update(progress.done, textsOf(label, progress));
}

function textsOf(label: string, progress?: Progress): Record<string, string> {
  const failed = progress?.failed ?? 0;
  const ended = progress !== undefined && progress.done === progress.total;
  return {
    label: label === '' ? '' : `${label} `,
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
