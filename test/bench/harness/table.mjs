// The table: one line a target. On the terminal, and as Markdown.
import { bound, digits, figure, ratio } from './format.mjs';

export const columns = ['what', 'ours', 'peer', 'ratio', 'target', 'result'];

/** @returns {string[][]} the cells of a row's lines; the first two only on the first of them */
export function linesOf(row) {
  const ours = row.ours.missing === undefined ? figure(row.ours.median, row.unit) : '–';
  const verdicts = row.verdicts.length === 0 ? [{ state: row.ours.missing ?? 'no target' }] : row.verdicts;
  return verdicts.map((verdict, i) => [
    i === 0 ? row.name : '',
    i === 0 ? ours : '',
    peerText(row, verdict),
    ratio(verdict.ratio),
    bound(verdict, row.unit),
    verdict.state === 'no target' ? '–' : verdict.state,
  ]);
}

/** Whom it is compared with, and how fast that one was. */
function peerText(row, { against, peer }) {
  if (against === undefined) return '–';
  const there = row.peers.find(({ name }) => name === peer);
  const named = peer === undefined || peer === against ? against : `${against}: ${peer}`;
  return there === undefined ? named : `${named}, ${figure(there.median, row.unit)}`;
}

const widths = [50, 15, 50, 9, 9, 14];

export const printHeader = title => {
  console.log(`\n${title}`);
  printLine(columns);
};

const printLine = cells =>
  console.log(
    cells
      .map((cell, i) => cell.padEnd(widths[i]))
      .join(' ')
      .trimEnd(),
  );

export const printRow = row => linesOf(row).forEach(printLine);

export function printGrowth({ title, lines, x, y }) {
  console.log(`\n${title} (${y} by ${x})`);
  for (const { name, missing, points } of lines) {
    const shown = points.map(point => `${point.x.toLocaleString('en')}: ${digits(point.median)}`).join('   ');
    console.log(`  ${name.padEnd(12)} ${shown}${missing === undefined ? '' : ` ${missing}`}`);
  }
}

/** @param {object[]} rows @returns {string} a Markdown table; Prettier aligns it */
export function markdown(rows) {
  const line = cells => `| ${cells.join(' | ')} |`;
  const marked = cells => cells.with(-1, cells.at(-1) === 'missed' ? '**missed**' : cells.at(-1));
  return [line(columns), line(columns.map(() => '---')), ...rows.flatMap(linesOf).map(marked).map(line)].join('\n');
}
