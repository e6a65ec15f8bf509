import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { getLogger, type AnySink, type LogRecord } from 'manycore';
import { DEADLINE, run } from '../process/support.js';

const programs = fileURLToPath(new URL('fixtures/sinks.js', import.meta.url));

async function printed(which: string): Promise<string[]> {
  const { code, stdout, stderr } = await run([programs, which]);
  assert.deepEqual([code, stderr], [0, '']);
  return stdout.trim().split('\n');
}

const records = (lines: readonly string[]): LogRecord[] =>
  lines.filter(line => line.startsWith('{')).map(line => JSON.parse(line) as LogRecord);

describe('sinks of the log', { timeout: DEADLINE * 2 }, () => {
  test('test_filename: a record shows file and line of the caller, also that of a child, whose name and pid it has', async () => {
    const lines = await printed('child');
    const [record] = records(lines);
    const { pid, time, line, ...rest } = record ?? assert.fail('nothing came');
    assert.deepEqual(rest, {
      ...{ level: 30, levelName: 'WARNING', message: 'from a child, 0', processName: 'child', file: programs },
    });
    assert.ok((line ?? 0) > 1 && pid !== process.pid && Math.abs(Date.now() - time) < DEADLINE);
    assert.equal(lines.at(-1), 'joined 0', 'it is there before the join resolves');
    assert.equal(lines.length, 2);
  });

  test('what a grandchild logs comes as well, once', async () => {
    assert.deepEqual(records(await printed('grandchild')).map(({ processName }) => processName), ['grandchild']); // prettier-ignore
  });

  test('what the library itself says of a child comes with no file', async () => {
    const lines = await printed('everything of a child');
    assert.ok(lines.includes('child: child process calling self.run()'), lines.join('\n'));
    assert.ok(lines.includes('child: process exiting with exitcode 0'));
    assert.ok(lines.includes('MainProcess: process shutting down'));
    assert.ok(
      lines.indexOf('child: process exiting with exitcode 0') < lines.indexOf('joined 0'),
      'before the join resolves',
    );
  });

  test('a sink may want the records of its own process alone', async () => {
    const lines = await printed('own alone');
    assert.deepEqual(records(lines).map(({ message }) => message), ['from the main process']); // prettier-ignore
  });

  test('a child that is killed in the middle of it loses none of what it has logged', async () => {
    const lines = await printed('killed');
    assert.deepEqual(lines, [...Array.from({ length: 100 }, (_, i) => `from a child, ${i}`), 'joined -9']);
  });

  test('nor does one that calls process.exit()', async () => {
    assert.deepEqual(await printed('exits'), ['from a child, 0', 'joined 7']);
  });

  test('nor does a process that was booted ahead of time, before there was a sink', async () => {
    const lines = await printed('forkserver');
    assert.deepEqual(lines.filter(line => !line.startsWith('joined')), ['one', 'two', 'three'].map(name => `${name}: from a child, 0`)); // prettier-ignore
  });

  test('workers of a pool log to it too', async () => {
    assert.deepEqual((await printed('pool')).sort(), ['task 1', 'task 2', 'task 3'].map(text => `PoolWorker-N ${text}`)); // prettier-ignore
  });

  test('a process that takes nothing holds nobody up: records are lost, not time', async () => {
    const [line = ''] = await printed('nobody reads');
    assert.deepEqual(JSON.parse(line), { code: 0, some: true, all: false, said: 0 });
  });

  test('how many were lost is told as soon as there is room again', async () => {
    assert.deepEqual(JSON.parse((await printed('lost and told'))[0] ?? ''), { sum: 5001, lost: true });
  });

  test('a console gets the line of logToStderr, by its level', async () => {
    const { code, stdout, stderr } = await run([programs, 'console']);
    assert.equal(code, 0);
    const out = stdout.trim().split('\n');
    assert.deepEqual(out.slice(0, 2), ['[INFO/MainProcess] good', '[DEBUG/MainProcess] who knows']);
    assert.ok(out.includes('[INFO/child] child process calling self.run()'));
    assert.deepEqual(stderr.trim().split('\n'), [
      '[ERROR/MainProcess] bad',
      '[WARNING/MainProcess] so so',
      '[WARNING/child] from a child, 0',
    ]);
  });

  test('pino gets the fields and the message, by its level', async () => {
    const lines = (await printed('pino')).filter(line => line.startsWith('{'));
    const entries = lines.map(line => JSON.parse(line) as Record<string, unknown>);
    assert.deepEqual(
      entries.slice(0, 7).map(({ level, msg }) => [level, msg]),
      [[60, 'c'], [50, 'e'], [40, 'w'], [30, 'sw'], [30, '100 %'], [20, 'd'], [10, 't']], // prettier-ignore
    );
    const own = entries[0];
    assert.deepEqual([own?.['processName'], own?.['file']], ['MainProcess', programs]);
    assert.equal(typeof own?.['line'], 'number');
    const child = entries.find(({ msg }) => msg === 'from a child, 0');
    assert.equal(child?.['processName'], 'child');
    assert.notEqual(child['pid'], own?.['pid']);
    assert.equal(typeof child['time'], 'number');
    const exit = entries.find(({ msg }) => msg === 'process exiting with exitcode 0');
    assert.deepEqual([exit?.['processName'], 'file' in (exit ?? {})], ['child', false]);
  });

  test('a sink that throws or rejects is told of once; the others and the program go on', async () => {
    const { code, stdout, stderr } = await run([programs, 'throwing']);
    assert.equal(code, 0);
    assert.deepEqual(stdout.trim().split('\n'), ['one', 'echo of one', 'two', 'echo of two']);
    assert.equal(stderr.match(/the sink is full/g)?.length, 1);
    assert.equal(stderr.match(/and this one later/g)?.length, 1);
    assert.match(stderr, /^manycore: a sink of the log failed; it is told of once: Error: the sink is full/);
  });

  test('given twice it is one, and one that is removed gets nothing', async () => {
    assert.deepEqual(await printed('twice'), ['once']);
  });

  test('beside stderr a child’s line is there once, and its record once', async () => {
    const { stdout, stderr } = await run([programs, 'both']);
    assert.equal(records(stdout.split('\n')).length, 1);
    assert.equal(stderr, '[WARNING/child] from a child, 0\n');
  });

  test('what is no sink is refused', () => {
    for (const wrong of [undefined, null, 'stderr', {}, { info() {} }, process.stderr]) {
      assert.throws(() => getLogger().addSink(wrong as unknown as AnySink), {
        name: 'TypeError',
        message: /^a sink is a function, a console, or a logger with pino's methods, not /,
      });
    }
  });

  test('an option that a sink does not have is refused', () => {
    const misspelt = { childs: false } as object;
    assert.throws(() => getLogger().addSink(console, misspelt), {
      name: 'TypeError',
      message: "addSink has no option 'childs'. Did you mean 'children'?",
    });
  });

  test('test_enable_logging: a logger is enabled from its level on, once it has a sink', () => {
    const logger = getLogger();
    assert.equal(logger.isEnabledFor('CRITICAL'), false);
    const sink = (): void => undefined;
    logger.addSink(sink);
    logger.setLevel(32);
    assert.deepEqual([logger.isEnabledFor(31), logger.isEnabledFor(32)], [false, true]);
    logger.setLevel('NOTSET');
    logger.removeSink(sink);
  });
});
