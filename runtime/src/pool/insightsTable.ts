import { cut, plain, width as widthOf } from '../textWidth.js';
import type { Insights, PhaseInsight } from './insights.js';
import { PHASES } from './seats.js';

export interface Paper {
  /** Columns of the terminal. */
  readonly width: number;
  readonly colour: boolean;
}

/** The figures as text: a row a worker, what they come to together, and the slowest tasks. */
export function insightsTable(
  pool: string,
  { workers, phases, slowest }: Insights,
  { width, colour }: Paper = { width: Infinity, colour: false },
): string {
  const painted = (code: readonly [on: number, off: number], text: string): string =>
    colour ? `\u001b[${code[0]}m${text}\u001b[${code[1]}m` : text;
  const phase = (name: string, text: (phase: PhaseInsight) => string): string[] => [
    name,
    ...PHASES.map(each => text(phases[each])),
  ];
  const rows = [
    [plain(pool), ...PHASES, 'done', 'failed', 'restarts'],
    ...workers.map(worker => [
      `${worker.name} (${worker.pid})`,
      ...PHASES.map(each => time(worker[each])),
      ...[worker.done, worker.failed, worker.restarts].map(String),
    ]),
    phase('mean', each => time(each.mean)),
    phase('deviation', each => time(each.deviation)),
    phase('share', each => `${(each.share * 100).toFixed(1)} %`),
  ];
  const lines = aligned(rows, width).map((line, i) => {
    if (i === 0) return painted(BOLD, line);
    return i > workers.length ? painted(DIM, line) : line;
  });
  if (slowest.length === 0) return lines.join('\n');
  const longest = Math.max(...slowest.map(({ duration }) => time(duration).length));
  const slow = slowest.map(({ duration, input, pid }) => {
    const [before, after] = [`  ${time(duration).padStart(longest)}  `, `  (pid ${pid})`];
    return `${before}${cut(plain(input), Math.max(width - before.length - after.length, 10))}${painted(DIM, after)}`;
  });
  return [...lines, '', painted(BOLD, 'slowest:'), ...slow].join('\n');
}

const BOLD = [1, 22] as const;
const DIM = [2, 22] as const;

const time = (ms: number): string => (ms < 1000 ? `${ms.toFixed(1)} ms` : `${(ms / 1000).toFixed(2)} s`);

/** The first column to the left, and cut where the line is too wide; the others to the right. */
function aligned(rows: readonly (readonly string[])[], width: number): string[] {
  const widths: number[] = [];
  for (const row of rows) row.forEach((cell, i) => (widths[i] = Math.max(widths[i] ?? 0, widthOf(cell))));
  const others = widths.slice(1).reduce((sum, each) => sum + each + 2, 0);
  widths[0] = Math.min(widths[0] ?? 0, Math.max(width - others, 10));
  return rows.map(row =>
    row
      .map((cell, i) => {
        const shown = cut(cell, widths[i] ?? 0);
        const space = ' '.repeat((widths[i] ?? 0) - widthOf(shown));
        return i === 0 ? shown + space : space + shown;
      })
      .join('  ')
      .trimEnd(),
  );
}
