import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { after, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { activeChildren } from 'manycore';
import { BrokenProcessPool, ProcessPoolExecutor, type Future } from 'manycore/futures';
import { readPrograms } from 'manycore/inspect';
import { seeded } from '../../fuzz/random.js';
import * as tasks from '../pool/fixtures/tasks.js';
import { DEADLINE, inTime, range, scratchFile } from '../pool/support.js';
import { isRunning, lineOf, privateRoot, until } from '../process/support.js';
import * as own from './fixtures/tasks.js';
import { workersOf } from './processes.js';

const seed = Number(process.env['SEED'] ?? Date.now() % 100_000);
const rounds = Number(process.env['ROUNDS'] ?? 25);

/** Each has ended: with the result it must have, cancelled, or broken. */
async function checkAll(futures: readonly Future<number>[]): Promise<{ done: number; broken: Set<unknown> }> {
  const broken = new Set<unknown>();
  let done = 0;
  for (const [i, future] of futures.entries()) {
    await inTime(future.result()).then(
      result => {
        assert.equal(result, i * i);
        done++;
      },
      (error: unknown) => {
        if (future.cancelled()) return;
        assert.ok(error instanceof BrokenProcessPool, String(error));
        assert.equal(broken.has(error), false, 'an error of its own');
        broken.add(error);
      },
    );
  }
  return { done, broken };
}

describe(`a worker dies at the worst moment (seed ${seed})`, { timeout: DEADLINE * 8 }, () => {
  after(() => {
    assert.deepEqual(activeChildren(), []);
    const program = readPrograms().find(each => each.mainPid === process.pid);
    assert.deepEqual(program?.pools, [], 'no executor is left in the table');
  });

  test('anywhere in its loop: every future ends, and nothing is left', async () => {
    let broke = 0;
    for (let round = 0; round < rounds; round++) {
      const next = seeded(seed * 1000 + round);
      const executor = new ProcessPoolExecutor({
        maxWorkers: 1 + Math.floor(next() * 3),
        maxTasksPerChild: next() < 0.3 ? 1 + Math.floor(next() * 20) : undefined,
      });
      await executor.submit(tasks.sqr, 1).result();
      const futures = range(400).map(i => executor.submit(tasks.sqrLater, i, 0));
      await new Promise(resolve => setTimeout(resolve, next() * 40));
      for (const future of futures.slice(0, 40)) if (next() < 0.3) future.cancel();
      const victims = workersOf(executor);
      for (const pid of victims.slice(0, 1 + Math.floor(next() * 2))) process.kill(pid, 'SIGKILL');
      const { broken } = await checkAll(futures);
      await inTime(executor.shutdown());
      if (broken.size > 0) broke++;
      assert.deepEqual(workersOf(executor), [], `round ${round}`);
      assert.ok(victims.every(pid => !isRunning(pid)));
    }
    assert.ok(broke > rounds / 4, `only ${broke} of ${rounds} executors had work when they broke`);
  });

  test('while it starts, before it has said a word', async () => {
    for (let round = 0; round < 5; round++) {
      const executor = new ProcessPoolExecutor({ maxWorkers: 1 });
      const future = executor.submit(tasks.sqr, 0);
      await until(() => workersOf(executor).length === 1, 'a process');
      process.kill(workersOf(executor)[0] ?? 0, 'SIGKILL');
      const error = (await inTime(future.exception())) as Error | null;
      // It may have been quicker than the signal.
      if (error !== null) {
        assert.ok(error instanceof BrokenProcessPool);
        assert.match((error.cause as Error).message, /exit code -9 \(SIGKILL\)/);
      }
      await inTime(executor.shutdown());
    }
  });

  test('in its initializer', async () => {
    using file = scratchFile();
    const options = { initializer: tasks.noteAndMaybeHang, initArgs: [file.path, -1] };
    const executor = new ProcessPoolExecutor({ maxWorkers: 2, ...options });
    const futures = range(4).map(i => executor.submit(tasks.sqr, i));
    await until(() => file.lines().length === 2, 'two initializers');
    process.kill(workersOf(executor)[0] ?? 0, 'SIGKILL');
    const { broken } = await checkAll(futures);
    assert.equal(broken.size, 4);
    for (const error of broken) assert.match(((error as Error).cause as Error).message, /while it started$/);
    await inTime(executor.shutdown());
  });

  test('while it has nothing to do: the executor is broken before anybody asks', async () => {
    const executor = new ProcessPoolExecutor({ maxWorkers: 1 });
    const pid = await executor.submit(tasks.pid).result();
    process.kill(pid, 'SIGKILL');
    let error: unknown;
    await until(() => {
      try {
        executor.submit(tasks.sqr, 1);
        return false;
      } catch (thrown) {
        error = thrown;
        return true;
      }
    }, 'the breakage');
    assert.ok(error instanceof BrokenProcessPool);
    assert.match((error.cause as Error).message, new RegExp(`process ${pid} .* exit code -9`));
    await inTime(executor.shutdown());
  });

  test('while it writes results of many megabytes', async () => {
    for (let round = 0; round < 3; round++) {
      const executor = new ProcessPoolExecutor({ maxWorkers: 2 });
      const futures = range(6).map(() => executor.submit(own.manyBytes, 20_000_000));
      await futures[0]?.result();
      process.kill(workersOf(executor)[0] ?? 0, 'SIGKILL');
      for (const future of futures) {
        const error = await inTime(future.exception());
        assert.ok(error === null || error instanceof BrokenProcessPool);
        if (error === null) assert.equal((await future.result()).length, 20_000_000);
      }
      await inTime(executor.shutdown());
    }
  });

  test('all workers at once, with maps that are being read', async () => {
    const executor = new ProcessPoolExecutor({ maxWorkers: 3 });
    const maps = range(3).map(() =>
      executor.map(
        tasks.sqrLater,
        range(1000),
        range(1000).map(() => 1),
      ),
    );
    const ends = maps.map(async map => {
      let got = 0;
      try {
        for await (const x of map) assert.equal(x, got * got++);
      } catch (error) {
        assert.ok(error instanceof BrokenProcessPool);
        return got;
      }
      return assert.fail('it came to its end');
    });
    await until(() => workersOf(executor).length === 3, 'three workers');
    for (const pid of workersOf(executor)) process.kill(pid, 'SIGKILL');
    await inTime(Promise.all(ends));
    await inTime(executor.shutdown());
  });

  test('terminateWorkers ends a worker that is stopped', async () => {
    using file = scratchFile();
    const executor = new ProcessPoolExecutor({ maxWorkers: 1 });
    const future = executor.submit(tasks.noteAndMaybeHang, file.path, -1);
    await until(() => file.lines().length === 1, 'the start of the task');
    process.kill(workersOf(executor)[0] ?? 0, 'SIGSTOP');
    executor.terminateWorkers();
    assert.ok((await inTime(future.exception())) instanceof BrokenProcessPool);
    await inTime(executor.shutdown());
  });

  test('a program that is killed takes the workers of its executors along', async () => {
    using root = privateRoot();
    const program = fileURLToPath(new URL('fixtures/programs/ending.js', import.meta.url));
    const env = { ...process.env, ...root.env };
    const main = spawn(process.execPath, [program, 'hang'], { env, stdio: ['ignore', 'pipe', 'inherit'] });
    const ended = once(main, 'exit');
    const worker = Number(/worker (\d+)/.exec(await lineOf(main.stdout))?.[1]);
    assert.equal(isRunning(worker), true);
    main.kill('SIGKILL');
    await ended;
    await until(() => !isRunning(worker), 'the end of the worker');
  });
});
