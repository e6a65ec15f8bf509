import assert from 'node:assert/strict';
import { Writable } from 'node:stream';
import { after, describe, test } from 'node:test';
import { Pool, type PoolOptions } from 'manycore';
import * as nasty from './fixtures/nasty.js';
import * as tasks from './fixtures/tasks.js';
import { DEADLINE, failure, finish } from './support.js';

describe('the options of a pool', { timeout: DEADLINE }, () => {
  test('unknown ones are refused with the name that was probably meant', () => {
    for (const [name, meant] of [
      ['proceses', 'processes'],
      ['maxtasksperchild', 'maxTasksPerChild'],
      ['max_tasks_per_child', 'maxTasksPerChild'],
      ['initargs', 'initArgs'],
      ['Daemon', 'daemon'],
    ]) {
      assert.throws(() => new Pool({ [name as string]: 1 } as PoolOptions), {
        name: 'TypeError',
        message: `Pool has no option '${name}'. Did you mean '${meant}'?`,
      });
    }
    assert.throws(() => new Pool({ pool: 'fork' } as PoolOptions), {
      name: 'TypeError',
      message: /^Pool has no option 'pool'\. It takes processes, initializer, /,
    });
    assert.throws(() => new Pool({ context: 'fork' } as unknown as PoolOptions), {
      name: 'TypeError',
      message: 'context must be what getContext() answers',
    });
  });

  test('what is neither a number nor an object of options is refused', () => {
    for (const given of ['x', '4', true, [4], Symbol('4')]) {
      assert.throws(() => new Pool(given as unknown as number), {
        name: 'TypeError',
        message: /^the options of Pool must be an object/,
      });
    }
    assert.throws(() => new Pool({ processes: '4' as unknown as number }), { name: 'TypeError' });
    assert.throws(() => new Pool({ name: 4 as unknown as string }), { name: 'TypeError', message: /^name must be/ });
    assert.throws(() => new Pool({ daemon: 'no' as unknown as boolean }), { name: 'TypeError' });
    assert.throws(() => new Pool({ initArgs: 4 as unknown as [] }), { name: 'TypeError' });
  });

  test('workers get options for Node, an environment and a place for their output', async () => {
    let printed = '';
    const output = new Writable({ write: (chunk, _, done) => ((printed += String(chunk)), done()) });
    const pool = new Pool({
      processes: 1,
      execArgv: ['--max-old-space-size=48'],
      env: { ...process.env, MANYCORE_GREETING: 'hello' },
      stdio: output,
    });
    assert.deepEqual(await pool.apply(nasty.surroundings, ['MANYCORE_GREETING']), ['hello', '--max-old-space-size=48']);
    const error = await failure(pool.apply(nasty.fillHeap));
    assert.match(
      error.message,
      /was killed by SIGABRT while it ran fillHeap\(\) \(Node aborts so when its heap is full;/,
    );
    await finish(pool);
    assert.match(printed, /said by a worker\n/);
    assert.match(printed, /heap out of memory/);
    for (const [wrong, message] of [
      [{ stdio: 'pipe' }, /^stdio of a pool must be/],
      [{ stdio: 3 }, /^stdio of a pool must be/],
      [{ execArgv: '--inspect' }, /^execArgv must be an array of strings/],
      [{ execArgv: [1] }, /^execArgv must be an array of strings/],
      [{ env: 'PATH' }, /^env must be an object/],
    ] as [unknown, RegExp][]) {
      assert.throws(() => new Pool(wrong as PoolOptions), { name: 'TypeError', message });
    }
  });

  test('an initializer that would do nothing is refused', () => {
    assert.throws(() => new Pool({ initializer: tasks.generator }), { name: 'TypeError', message: /generator/ });
    const Class = tasks.CustomError as unknown as () => void;
    assert.throws(() => new Pool({ initializer: Class }), { name: 'TypeError', message: /class 'CustomError'/ });
  });
});

describe('the options of a call', { timeout: DEADLINE }, () => {
  const pool = new Pool(1);
  after(() => finish(pool));

  test('unknown ones are refused, by every kind of call', async () => {
    const wrong = { chunksize: 4 } as object;
    const message = /has no option 'chunksize'\. Did you mean 'chunkSize'\?/;
    assert.match((await failure(pool.map(tasks.sqr, [1], wrong))).message, message);
    assert.match((await failure(pool.starmap(tasks.add, [[1, 2]], wrong))).message, message);
    for (const call of [
      () => pool.mapAsync(tasks.sqr, [1], wrong),
      () => pool.starmapAsync(tasks.add, [[1, 2]], wrong),
      () => pool.imap(tasks.sqr, [1], wrong),
      () => pool.imapUnordered(tasks.sqr, [1], wrong),
    ]) {
      assert.throws(call, { name: 'TypeError', message });
    }
    const applied = await failure(pool.apply(tasks.sqr, [1], { timeOut: 5 } as object));
    assert.equal(applied.message, `apply has no option 'timeOut'. Did you mean 'timeout'?`);
    assert.throws(() => pool.applyAsync(tasks.sqr, [1], { error_callback: () => 1 } as object), {
      message: `applyAsync has no option 'error_callback'. Did you mean 'errorCallback'?`,
    });
  });

  test('what waits for an answer refuses options that are none: a limit that is ignored would be a wait for ever', async () => {
    const pool = new Pool(1);
    const result = pool.applyAsync(tasks.sqr, [3]);
    const results = pool.imap(tasks.sqr, [4]);
    const python = 1000 as never;
    for (const wait of [() => result.get(python), () => result.wait(python), () => results.next(python)]) {
      const error = await failure(wait());
      assert.deepEqual([error.name, /must be an object, not number$/.test(error.message)], ['TypeError', true]);
    }
    const misspelt = { tiemout: 1 } as never;
    for (const wait of [() => result.get(misspelt), () => result.wait(misspelt), () => results.next(misspelt)]) {
      assert.match((await failure(wait())).message, /has no option 'tiemout'\. Did you mean 'timeout'\?$/);
    }
    assert.deepEqual([await result.get(), (await results.next()).value], [9, 16]);
    await finish(pool);
  });

  test('values of a wrong type are refused', async () => {
    const five = 5 as unknown as undefined;
    assert.match(
      (await failure(pool.map(tasks.sqr, [1], five))).message,
      /options of map must be an object, not number/,
    );
    assert.match((await failure(pool.apply(tasks.sqr, [1], five))).message, /options of apply must be an object/);
    assert.equal((await failure(pool.apply(tasks.sqr, [1], { timeout: '5' as unknown as number }))).name, 'TypeError');
    const signal = new AbortController() as unknown as AbortSignal;
    assert.equal((await failure(pool.apply(tasks.sqr, [1], { signal }))).message, 'signal must be an AbortSignal');
    assert.throws(() => pool.applyAsync(tasks.sqr, [1], { callback: 1 as unknown as () => void }), {
      name: 'TypeError',
      message: 'callback must be a function, not number',
    });
  });

  test('generators of both kinds and classes are refused, with the mend', () => {
    for (const f of [tasks.generator, tasks.asyncGenerator] as unknown[] as (() => number)[]) {
      assert.throws(() => pool.applyAsync(f), {
        name: 'TypeError',
        message: /Return an array, or put items into a Queue/,
      });
      assert.throws(() => pool.imap(f, [1]), { name: 'TypeError', message: /generator function/ });
    }
    assert.throws(() => pool.mapAsync(tasks.CustomError as unknown as () => void, [1]), {
      name: 'TypeError',
      message: /give a function that makes an instance/,
    });
  });
});
