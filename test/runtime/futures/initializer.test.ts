import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { BrokenExecutor, BrokenProcessPool, ProcessPoolExecutor } from 'manycore/futures';
import * as tasks from '../pool/fixtures/tasks.js';
import { DEADLINE, failure, inTime, range, scratchFile } from '../pool/support.js';
import { privateRoot, run } from '../process/support.js';
import { workersOf } from './processes.js';
import { stderrOf } from './support.js';

/** Python's `InitializerMixin`, `FailingInitializerMixin` and `FailingInitializerResourcesTest`. */
describe('the initializer of an executor', { timeout: DEADLINE * 4 }, () => {
  test('test_initializer: it has run in each worker before its first call', async () => {
    await using executor = new ProcessPoolExecutor({
      maxWorkers: 3,
      initializer: tasks.initialize,
      initArgs: ['initialized'],
    });
    const futures = range(30).map(() => executor.submit(tasks.seeInitialized));
    for (const future of futures) assert.deepEqual(await inTime(future.result()), ['initialized']);
  });

  test('test_initializer, failing: every future and every later call says so, and why it failed is printed', async () => {
    using file = scratchFile();
    const printed = await stderrOf(async () => {
      const executor = new ProcessPoolExecutor({
        maxWorkers: 2,
        initializer: tasks.failToInitialize,
        initArgs: [file.path],
      });
      const futures = range(5).map(i => executor.submit(tasks.sqr, i));
      const results = executor.map(tasks.sqr, [1]);
      for (const future of futures) {
        const error = await failure<BrokenProcessPool>(future.result());
        assert.ok(error instanceof BrokenExecutor);
        assert.match(error.message, /initializer failed in PoolWorker-.*: CustomError: no database/);
        assert.ok(error.cause instanceof tasks.CustomError);
      }
      assert.ok((await failure(results.next())) instanceof BrokenProcessPool);
      assert.throws(() => executor.submit(tasks.sqr, 1), BrokenProcessPool);
      await inTime(executor.shutdown());
      assert.deepEqual(workersOf(executor), []);
    });
    assert.match(printed, /^exception in the initializer of a process pool:\nCustomError: no database/);
    assert.equal(printed.match(/no database/g)?.length, 1);
    assert.ok(file.lines().length <= 2, 'no worker is started after the failure');
  });

  test('a worker that ends in its initializer breaks the executor', async () => {
    const executor = new ProcessPoolExecutor({ maxWorkers: 1, initializer: tasks.exitInInitializer });
    const error = await failure<BrokenProcessPool>(executor.submit(tasks.sqr, 1).result());
    assert.ok(error instanceof BrokenProcessPool);
    assert.match((error.cause as Error).message, /terminated abruptly with exit code 3 while it started/);
    await inTime(executor.shutdown());
  });

  for (const where of ['unguarded', 'unguardedMain']) {
    test(`a start without a guard is told, once, and nothing hangs (${where})`, async () => {
      using root = privateRoot();
      const program = fileURLToPath(new URL(`fixtures/programs/${where}.js`, import.meta.url));
      const { code, stdout, stderr } = await run([program], { env: root.env });
      assert.deepEqual([code, stdout], [1, '']);
      assert.match(stderr, new RegExp(`${where}\\.js:\\d+:\\d+ starts a process without a guard`));
      assert.doesNotMatch(stderr, /initializer/);
      assert.deepEqual(root.left(), []);
    });
  }

  test('one that cannot be sent is refused at once', () => {
    assert.throws(() => new ProcessPoolExecutor({ initializer: () => 1 }), { name: 'PicklingError' });
  });

  for (const method of ['spawn', 'forkserver'] as const) {
    test(`test_${method}: a failing initializer leaves nothing behind`, async () => {
      using root = privateRoot();
      const program = fileURLToPath(new URL('fixtures/programs/unfit.js', import.meta.url));
      const { code, stdout, stderr } = await run([program, method], { env: root.env });
      assert.deepEqual([code, stdout], [0, 'BrokenProcessPool\n']);
      assert.match(stderr, /exception in the initializer[^]*no database/);
      assert.deepEqual(root.left(), []);
    });
  }
});
