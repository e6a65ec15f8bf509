import assert from 'node:assert/strict';
import type { SeedExample } from './manifest/index.js';
import { normalise } from './normalise.js';

/**
 * Holds what an example printed against what CPython printed. What is claimed about the order is asked of both: a claim
 * that Python itself does not keep would be ours alone.
 */
export function assertSameOutput(example: SeedExample, python: string, ours: string): void {
  const recorded = counted(example, python, example.onlyPython);
  const printed = counted(example, ours, example.onlyOurs);
  assert.deepEqual(arranged(example, printed), arranged(example, recorded));
  for (const [who, lines] of [
    ['Python', recorded],
    ['the example', printed],
  ] as const) {
    assertOrder(example, who, lines);
  }
}

function counted(example: SeedExample, text: string, alone: RegExp | undefined): string[] {
  const lines = normalise(text, example.rules);
  return lines.filter(line => !(alone?.test(line) ?? false) && !(example.maybe?.test(line) ?? false));
}

function arranged(example: SeedExample, lines: readonly string[]): unknown {
  if (example.lines === 'in order') return lines;
  const sorted = example.lines === 'in any order' ? [...lines].sort() : [...new Set(lines)].sort();
  return example.perProcess === undefined ? sorted : { sorted, perProcess: byProcess(example.perProcess, lines) };
}

function byProcess(key: RegExp, lines: readonly string[]): Record<string, string[]> {
  const groups: Record<string, string[]> = {};
  for (const line of lines) {
    const process = key.exec(line)?.[1];
    if (process !== undefined) (groups[process] ??= []).push(line);
  }
  return groups;
}

function assertOrder(example: SeedExample, who: string, lines: readonly string[]): void {
  for (const [first, second] of example.before ?? []) {
    const last = lines.findLastIndex(line => first.test(line));
    const next = lines.findIndex(line => second.test(line));
    const told = `${who} printed\n${lines.join('\n')}`;
    assert.ok(last >= 0 && next >= 0, `nothing like ${first} or ${second}: ${told}`);
    assert.ok(last < next, `'${lines[last]}' belongs before '${lines[next]}': ${told}`);
  }
  if (example.atLeast !== undefined) {
    const [wanted, least] = example.atLeast;
    const count = lines.filter(line => wanted.test(line)).length;
    assert.ok(count >= least, `${who} printed ${count} lines like ${wanted}, fewer than ${least}`);
  }
  if (example.atOnce === undefined) return;
  const { opens, closes, limit } = example.atOnce;
  let open = 0;
  for (const line of lines) {
    if (opens.test(line)) open++;
    if (closes.test(line)) open--;
    assert.ok(open <= limit, `${who} had ${open} at once at '${line}', more than ${limit}:\n${lines.join('\n')}`);
  }
  assert.equal(open, 0, `${who} left ${open} without an end`);
}
