import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { assertSameOutput } from './compare.js';
import type { SeedExample } from './manifest/index.js';
import { normalise } from './normalise.js';

const example = (fixed: Partial<SeedExample>): SeedExample => ({ name: 'x', shows: 'x', lines: 'in order', ...fixed });

describe('the rules', () => {
  const same: [string, string][] = [
    ['DURING: <Process pid=12 parent=3 started> True', 'DURING: <Process pid=4 parent=5 started> true'],
    ['     exit_error.exitcode = 1', '      exitError.exitcode = 1'],
    ['wait_for_event: e.is_set()-> False', 'waitForEvent: e.isSet()-> false'],
    ['Starting SpawnPoolWorker-1', 'Starting PoolWorker-1'],
    ['return: <multiprocessing.pool.ApplyResult object at 0x7f12>', 'return: <AsyncResult pending>'],
    ['Starting: daemon 8825', 'Starting: daemon 1'],
  ];
  for (const [python, ours] of same) {
    test(`'${python.trim()}' is '${ours.trim()}'`, () => assert.deepEqual(normalise(python), normalise(ours)));
  }

  test('numbers that are results stay', () => {
    assert.deepEqual(normalise('8\n[1, 4]\n2 * 2 = 4'), ['8', '[1, 4]', '2 * 2 = 4']);
  });
});

describe('the comparison', () => {
  test('takes another order only where the program has none', () => {
    assertSameOutput(example({ lines: 'in any order' }), 'a\nb\n', 'b\na\n');
    assert.throws(() => assertSameOutput(example({}), 'a\nb\n', 'b\na\n'));
  });

  test('counts lines, unless their number depends on the machine', () => {
    assert.throws(() => assertSameOutput(example({ lines: 'in any order' }), 'a\na\n', 'a\n'));
    assertSameOutput(example({ lines: 'each at least once' }), 'a\na\n', 'a\n');
  });

  test('sees a process whose own lines are out of order', () => {
    const each = example({ lines: 'in any order', perProcess: /^(\d)/ });
    assertSameOutput(each, '1 in\n2 in\n1 out\n2 out\n', '2 in\n1 in\n1 out\n2 out\n');
    assert.throws(() => assertSameOutput(each, '1 in\n1 out\n', '1 out\n1 in\n'));
  });

  test('sees what comes too early, and too much at once', () => {
    const ordered = example({ lines: 'in any order', before: [[/^a/, /^b/]] });
    assert.throws(() => assertSameOutput(ordered, 'a\nb\n', 'b\na\n'), /belongs before/);
    const two = example({ lines: 'in any order', atOnce: { opens: /in/, closes: /out/, limit: 1 } });
    assert.throws(() => assertSameOutput(two, 'in\nout\nin\nout\n', 'in\nin\nout\nout\n'), /at once/);
  });
});
