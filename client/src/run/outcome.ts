import { share } from '../tree/words.js';
import type { TaskReport } from './messages.js';

/** A run as the results view and the tests see it. */
export interface Outcome {
  readonly functionName: string;
  readonly module: string;
  readonly inputs: string;
  readonly workers: number;
  readonly total: number;
  /** By index; a hole is an input that was not reached. */
  readonly tasks: readonly (TaskReport | undefined)[];
  readonly state: 'running' | 'done' | 'cancelled' | 'failed';
  /** Why the run failed as a whole. */
  readonly error: string | null;
  readonly ms: number;
}

export const finishedTasks = (outcome: Outcome): TaskReport[] => outcome.tasks.filter(task => task !== undefined);

/** `crunch: 10 of 10 done, 1 failed, 1.2 s, 3 workers`. */
export function summary(outcome: Outcome): string {
  if (outcome.state === 'failed' && outcome.total === 0) return 'failed before the first task';
  const done = finishedTasks(outcome);
  const failed = done.filter(task => !task.ok).length;
  const parts = [
    `${done.length} of ${outcome.total} done`,
    ...(failed > 0 ? [`${failed} failed`] : []),
    `${(outcome.ms / 1000).toFixed(outcome.ms < 10_000 ? 2 : 0)} s`,
    `${outcome.workers} ${outcome.workers === 1 ? 'worker' : 'workers'}`,
  ];
  if (outcome.state === 'cancelled') parts.unshift('cancelled');
  if (outcome.state === 'failed') parts.unshift('failed');
  return parts.join(', ');
}

/** Before that nobody can tell how long it takes, and less is not worth a word; in milliseconds. */
const soonest = 1000;

/** What the notification says of a job: `1,234 of 10,000 · 12 % · 3 failed · 40 s left`. */
export function progressMessage({
  done,
  failed,
  total,
  ms,
}: {
  done: number;
  failed: number;
  total: number;
  ms: number;
}) {
  const left = done === 0 ? 0 : (ms / done) * (total - done);
  const parts = [share(done, total)];
  if (failed > 0) parts.push(`${failed.toLocaleString('en')} failed`);
  if (ms >= soonest && left >= soonest) parts.push(`${timeLeft(left)} left`);
  return parts.join(' · ');
}

function timeLeft(ms: number): string {
  const seconds = Math.round(ms / 1000);
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.round(seconds / 60);
  return minutes < 60 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** What is saved: one object an input. */
export function toJson(outcome: Outcome): string {
  const rows = finishedTasks(outcome).map(({ index, input, ok, output, json, ms }) => ({
    index,
    input,
    ...(ok ? { result: json ?? output } : { error: output }),
    ms: Math.round(ms * 1000) / 1000,
  }));
  return `${JSON.stringify(rows, null, 2)}\n`;
}

/** The same for a spreadsheet (RFC 4180). */
export function toCsv(outcome: Outcome): string {
  const quote = (text: string) => (/[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
  const rows = finishedTasks(outcome).map(({ index, input, ok, output, ms }) =>
    [String(index), input, ok ? output : '', ok ? '' : output, ms.toFixed(3)].map(quote).join(','),
  );
  return ['index,input,result,error,ms', ...rows, ''].join('\r\n');
}
