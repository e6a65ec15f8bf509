import * as fs from 'node:fs';
import * as path from 'node:path';
import * as vm from 'node:vm';
import type { InputSource } from './messages.js';

const range = /^\s*(-?\d+)\s*\.\.\s*(-?\d+)(?:\s+step\s+(\d+))?\s*$/;

/** More inputs than this are surely a slip of the hand in a range. */
const mostInputs = 10_000_000;

/**
 * Understands what a person types for inputs: `1..10`, `0..100 step 5`, a list `[…]`, or the path of a file, which is
 * taken from `folder` when it is relative. Throws an error whose message is for that person.
 */
export function parseInputs(text: string, folder: string): InputSource {
  const numbers = range.exec(text);
  if (numbers) {
    const [from, to, step] = [Number(numbers[1]), Number(numbers[2]), Number(numbers[3] ?? 1)];
    if (step < 1) throw new Error('The step of a range is at least 1.');
    if (Math.abs(to - from) / step > mostInputs) throw new Error(`That range has more than ${mostInputs} inputs.`);
    return { kind: 'range', from, to, step };
  }
  const trimmed = text.trim();
  if (trimmed.startsWith('[')) return { kind: 'literal', text: trimmed };
  if (trimmed === '') throw new Error('Type a list such as [1, 2, 3], a range such as 1..10, or the path of a file.');
  const file = path.resolve(folder, trimmed);
  if (!fs.existsSync(file)) {
    throw new Error(`Not a list such as [1, 2, 3], not a range such as 1..10, and there is no file ${file}.`);
  }
  return { kind: 'file', path: file };
}

/** The text that parseInputs() would understand as this. */
export function describeInputs(source: InputSource): string {
  switch (source.kind) {
    case 'literal':
      return source.text;
    case 'range':
      return `${source.from}..${source.to}${source.step === 1 ? '' : ` step ${source.step}`}`;
    case 'file':
      return source.path;
  }
}

/** The inputs themselves. Throws when there is no list. Runs in the runner's process only. */
export function readInputs(source: InputSource): unknown[] {
  switch (source.kind) {
    case 'range': {
      const { from, to, step } = source;
      const sign = to < from ? -1 : 1;
      return Array.from(
        { length: Math.floor(Math.abs(to - from) / step) + 1 },
        (_, index) => from + sign * index * step,
      );
    }
    case 'literal': {
      const list: unknown = vm.runInThisContext(`(${source.text}\n)`, { filename: 'inputs' });
      if (!Array.isArray(list)) throw new Error('The inputs are not a list.');
      return list;
    }
    case 'file':
      return readFile(source.path);
  }
}

function readFile(file: string): unknown[] {
  const text = fs.readFileSync(file, 'utf8').replace(/^\uFEFF/, '');
  switch (path.extname(file).toLowerCase()) {
    case '.json': {
      const list: unknown = JSON.parse(text);
      if (!Array.isArray(list)) throw new Error(`${file} does not hold a list.`);
      return list;
    }
    case '.jsonl':
    case '.ndjson':
      return linesOf(text).map(line => JSON.parse(line) as unknown);
    case '.csv':
      return readCsv(text);
    default:
      return linesOf(text);
  }
}

const linesOf = (text: string) => text.split(/\r?\n/).filter(line => line !== '');

/** Rows as lists of texts, numbers where a field is one (RFC 4180: quotes double themselves, fields may hold line ends). */
export function readCsv(text: string): (string | number)[][] {
  const rows: (string | number)[][] = [];
  let row: (string | number)[] = [];
  const field = /(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r?\n|$)/g;
  for (let match = field.exec(text); match; match = field.exec(text)) {
    const [, quoted, plain = '', end] = match;
    const bare = plain.trim();
    if (quoted !== undefined) row.push(quoted.replaceAll('""', '"'));
    else row.push(bare !== '' && Number.isFinite(Number(bare)) ? Number(bare) : plain);
    if (end !== ',') {
      if (row.length > 1 || row[0] !== '') rows.push(row);
      row = [];
    }
    if (end === '' || field.lastIndex >= text.length) break;
  }
  return rows;
}
