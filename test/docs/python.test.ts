import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { describe, test } from 'node:test';
import { entries } from '../package/surface.js';
import { textOf } from './blocks.js';
import { PYTHON_PROGRAM, pythonNames } from './pythonNames.js';
import { Spellings } from './spellings.js';

const page = textOf('runtime/docs/python.md');
const [, names = '', beyond = ''] = /^## The module\n(.*)^## Beyond Python\n(.*)/ms.exec(page) ?? [];

interface Row {
  readonly python: readonly string[];
  readonly here: string;
  readonly spellings: readonly string[];
}

const spansOf = (text: string): string[] => [...text.matchAll(/`([^`]+)`/g)].map(([, span = '']) => span);

/** The names a cell stands for: `.get()` behind `Queue.put(obj)` is `Queue.get`, behind `Queue` as well. */
function pythonNamesOf(cell: string): string[] {
  let owner = '';
  return spansOf(cell).map(span => {
    const name = span.replace(/\(.*/, '');
    const whole = name.startsWith('.') ? `${owner}${name}` : name;
    if (!name.startsWith('.')) owner = name.includes('.') ? name.slice(0, name.lastIndexOf('.')) : name;
    return whole;
  });
}

const rows: Row[] = names
  .split('\n')
  .filter(line => line.startsWith('|'))
  .map(line => line.split('|').map(cell => cell.trim()))
  .filter(([, python = '']) => python.includes('`'))
  .map(([, python = '', here = '']) => ({ python: pythonNamesOf(python), here, spellings: spansOf(here) }));

const isMissing = ({ here }: Row): boolean => /^(not yet|none)\b/.test(here);

describe('The table of every Python name', () => {
  const spellings = new Spellings(entries.map(({ specifier }) => specifier));

  test('has every public name there is, and no other', () => {
    const told = new Set(rows.flatMap(({ python }) => python));
    assert.deepEqual(
      [...pythonNames].filter(name => !told.has(name)),
      [],
      'missing in the page',
    );
    assert.deepEqual(
      [...told].filter(name => !pythonNames.has(name)),
      [],
      'not a name of Python',
    );
  });

  const python = spawnSync('python3', ['-c', PYTHON_PROGRAM], { encoding: 'utf8' });
  const skip = python.status !== 0 && `python3 cannot say its names: ${python.error?.message ?? python.stderr}`;
  test('has every public name of the Python at hand', { skip }, () => {
    const found = python.stdout.split('\n').filter(name => name !== '');
    assert.ok(found.length > 200);
    assert.deepEqual(
      found.filter(name => !pythonNames.has(name)),
      [],
    );
  });

  test('spells what there is as it is', () => {
    const faults = rows
      .filter(row => !isMissing(row))
      .flatMap(({ python, here, spellings: spelt }) =>
        spelt.length === 0
          ? `${python.join()}: '${here}' names nothing, and does not say 'not yet' or 'none'`
          : spelt.flatMap(span => spellings.faultsOf(span)),
      );
    assert.deepEqual(faults, []);
  });

  test('says of nothing that there is that it is missing', () => {
    const there = rows.filter(isMissing).flatMap(({ python }) => python.filter(name => spellings.hasPython(name)));
    assert.deepEqual(there, []);
  });

  test("and the list of what is beyond Python name every export, and nothing that isn't there", () => {
    const told = spansOf(beyond).filter(span => !span.includes('/') && !span.startsWith('os.'));
    assert.deepEqual(
      told.flatMap(span => spellings.faultsOf(span)),
      [],
    );
    const named = new Set(
      [...told, ...rows.filter(row => !isMissing(row)).flatMap(row => row.spellings)].map(span =>
        spellings.rootOf(span),
      ),
    );
    assert.deepEqual(
      spellings.exports.filter(name => !named.has(name)),
      [],
    );
  });
});
