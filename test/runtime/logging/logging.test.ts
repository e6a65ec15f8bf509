import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { getLogger, Level, logToStderr } from 'manycore';
import { DEADLINE, run, type Outcome } from '../process/support.js';

const programs = fileURLToPath(new URL('fixtures/programs.js', import.meta.url));
const logged = (which: string): Promise<Outcome> => run([programs, which]);

const INFO = ['child process calling self.run()', 'process shutting down', 'process exiting with exitcode 0'];
const FINALIZERS = ['running all "atexit" finalizers with priority >= 0', 'running the remaining "atexit" finalizers'];

describe('the log of the library', { timeout: DEADLINE * 2 }, () => {
  test('says nothing unless asked', async () => {
    assert.deepEqual(await logged('silent'), { code: 0, signal: null, stdout: 'Doing some work\n', stderr: '' });
  });

  test('at level debug it tells the life of a child and the end of both, as Python does', async () => {
    const { stdout, stderr } = await logged('debug');
    assert.equal(stdout, 'Doing some work\n');
    assert.deepEqual(stderr.trim().split('\n'), [
      `[INFO/Process-1] ${INFO[0]}`,
      `[INFO/Process-1] ${INFO[1]}`,
      ...FINALIZERS.map(text => `[DEBUG/Process-1] ${text}`),
      `[INFO/Process-1] ${INFO[2]}`,
      `[INFO/MainProcess] ${INFO[1]}`,
      ...FINALIZERS.map(text => `[DEBUG/MainProcess] ${text}`),
    ]);
  });

  test('the level can be set on the logger, by name or number', async () => {
    const { stderr } = await logged('set level');
    assert.deepEqual(stderr.trim().split('\n'), [
      ...INFO.map(text => `[INFO/Process-1] ${text}`),
      `[INFO/MainProcess] ${INFO[1]}`,
    ]);
  });

  test('test_level: a child has the effective level of its parent', async () => {
    assert.equal((await logged('inherit')).stdout, '32\n30\n');
  });

  test('a program can log too; asking twice for stderr writes once', async () => {
    assert.equal((await logged('own')).stderr, '[WARNING/Process-1] from here, 2 times\n');
  });

  test('a record says level, process, time and caller', async () => {
    const { stdout } = await logged('sink');
    const { pid, line, ...record } = JSON.parse(stdout) as Record<string, unknown>;
    assert.deepEqual([typeof pid, typeof line], ['number', 'number']);
    const expected = { level: 40, levelName: 'ERROR', message: 'to a sink', processName: 'MainProcess', timed: true };
    assert.deepEqual(record, { ...expected, file: programs });
  });

  test('a level that is none is refused, as Python does: a wrong name is a ValueError, what is no name a TypeError', () => {
    const message = /^unknown log level .*: a level is a number, or NOTSET, .*, CRITICAL$/;
    for (const wrong of ['LOUD', 'toString', ''])
      assert.throws(() => getLogger().setLevel(wrong as 'INFO'), { name: 'ValueError', message });
    for (const wrong of [undefined, null, {}, NaN, true])
      assert.throws(() => getLogger().setLevel(wrong as 'INFO'), { name: 'TypeError', message });
  });

  test('levels have the numbers of Python', () => {
    assert.equal(Level.INFO, 20);
    assert.equal(typeof logToStderr, 'function');
  });
});
