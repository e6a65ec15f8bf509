import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import * as manycore from 'manycore';
import {
  getAllStartMethods,
  getContext,
  getStartMethod,
  Pool,
  Process,
  setStartMethod,
  type Context,
  type StartMethod,
} from 'manycore';
import { handOn, nothing, takeAndPut, tellMethod, tellStartMethod } from './fixtures/contexts.js';
import { DEADLINE, outputOf } from './support.js';

const METHODS = ['spawn', 'forkserver'] as const;
const named = (name: string): StartMethod => name as StartMethod;

interface Told {
  readonly before: string;
  readonly method: string;
  readonly again: string;
  readonly shown: string;
}

async function whatAChildSays(context: Pick<Context, 'Process'>): Promise<Told> {
  const { stdout } = await outputOf(new context.Process({ target: tellStartMethod, stdio: 'pipe' }));
  return JSON.parse(stdout) as Told;
}

describe('start methods and contexts', { timeout: DEADLINE }, () => {
  test('test_get_all_start_methods: the default first, and nothing that is not there', () => {
    assert.deepEqual(getAllStartMethods(), ['spawn', 'forkserver']);
    getAllStartMethods().pop();
    assert.deepEqual(getAllStartMethods(), ['spawn', 'forkserver']);
  });

  test('a start settles the method: it cannot be chosen after that', async () => {
    setStartMethod(null, { force: true });
    const process = new Process({ target: nothing });
    assert.equal(getStartMethod({ allowNone: true }), null);
    process.start();
    assert.equal(getStartMethod({ allowNone: true }), 'spawn');
    await process.join();
    setStartMethod(null, { force: true });
  });

  test('test_set_get: chosen once, by asking too; with force again, and taken back', async () => {
    assert.equal(getStartMethod({ allowNone: true }), null);
    assert.throws(() => setStartMethod(named('thread')), { name: 'ValueError' });
    assert.equal(getStartMethod({ allowNone: true }), null);
    setStartMethod(null);
    assert.equal(getStartMethod({ allowNone: true }), 'spawn');
    setStartMethod(null, { force: true });
    assert.equal(getStartMethod(), 'spawn');
    const again = { name: 'RuntimeError', message: 'context has already been set' };
    for (const second of ['spawn', 'forkserver', null, named('thread')] as const)
      assert.throws(() => setStartMethod(second), again);
    assert.throws(() => setStartMethod(named('thread'), { force: true }), { name: 'ValueError' });
    for (const method of METHODS) {
      setStartMethod(method, { force: true });
      assert.equal(getStartMethod(), method);
      const context = getContext();
      assert.equal(context.getStartMethod(), method);
      assert.equal(context.constructor.name, `${method === 'spawn' ? 'Spawn' : 'ForkServer'}Context`);
      assert.equal(context.Process.name, `${method === 'spawn' ? 'Spawn' : 'ForkServer'}Process`);
      assert.equal((await whatAChildSays(manycore)).method, method);
    }
    setStartMethod(null, { force: true });
    assert.equal(getStartMethod({ allowNone: true }), null);
    setStartMethod('forkserver');
    assert.throws(() => setStartMethod('spawn'), again);
    setStartMethod(null, { force: true });
    getContext();
    assert.throws(() => setStartMethod('spawn'), again);
    assert.throws(() => setStartMethod('spawn', { forced: true } as object), /Did you mean 'force'/);
  });

  for (const method of METHODS) {
    test(`test_context: the context of ${method} is itself, its method is fixed, and a child agrees`, async () => {
      setStartMethod(null, { force: true });
      const context = getContext(method);
      assert.equal(getContext(method), context);
      assert.equal(context.getContext(), context);
      assert.equal(context.getContext(null), context);
      assert.equal(getStartMethod({ allowNone: true }), null, 'asking a context settles nothing');
      assert.equal(context.getContext('spawn'), getContext('spawn'));
      assert.equal(context.getStartMethod(), method);
      for (const other of [...METHODS, null])
        assert.throws(() => context.setStartMethod(other, { force: true }), {
          name: 'ValueError',
          message: 'cannot set start method of concrete context',
        });
      assert.throws(() => context.getContext(named('fork')), { name: 'ValueError' });
      const told = await whatAChildSays(context);
      const again = 'context has already been set';
      assert.deepEqual({ ...told, shown: '' }, { before: method, method, again, shown: '' });
      assert.match(
        told.shown,
        method === 'spawn' ? /^<SpawnProcess name='SpawnProcess-/ : /^<ForkServerProcess name='F/,
      );
    });
  }

  test('processes of a context are named and shown after their class, all others after theirs', () => {
    const { Process: Spawn } = getContext('spawn');
    const { Process: ForkServer } = getContext('forkserver');
    assert.match(new Spawn().name, /^SpawnProcess-\d+$/);
    assert.match(new ForkServer().name, /^ForkServerProcess-\d+$/);
    assert.match(String(new ForkServer()), /^<ForkServerProcess name='ForkServerProcess-\d+' parent=\d+ initial>$/);
    assert.match(new Process().name, /^Process-\d+$/);
    assert.ok(new ForkServer() instanceof Process);
    assert.ok(!(new ForkServer() instanceof Spawn));
    class Mine extends ForkServer {}
    assert.match(new Mine().name, /^Mine-\d+$/);
  });

  test("a context's pool is a pool whose workers are started by its method", async () => {
    for (const method of METHODS) {
      const context = getContext(method);
      await using pool = new context.Pool({ processes: 1 });
      assert.ok(pool instanceof Pool);
      assert.equal(await pool.apply(tellMethod), method);
    }
    await using pool = new Pool({ processes: 1, context: getContext('forkserver') });
    assert.equal(await pool.apply(tellMethod), 'forkserver');
  });

  test('what is not there is refused with the reason', () => {
    for (const [method, message] of [
      ['fork', /^cannot find context for 'fork': the engine's threads .* There are 'spawn' and 'forkserver'\.$/],
      ['thread', /^cannot find context for 'thread'\. There are 'spawn' and 'forkserver'\.$/],
      ['toString', /^cannot find context for 'toString'\. /],
    ] as const)
      assert.throws(() => getContext(named(method)), { name: 'ValueError', message });
  });

  test('test_mixed_startmethod: objects of one context go to the processes of any other', async () => {
    for (const [made, used] of [
      ['spawn', 'forkserver'],
      ['forkserver', 'spawn'],
    ] as const) {
      const queue = new (getContext(made).Queue)<number>();
      const lock = new (getContext(made).Lock)();
      const process = new (getContext(used).Process)({ target: takeAndPut, args: [queue, lock] });
      await queue.put(20);
      process.start();
      await process.join();
      assert.equal(process.exitCode, 0);
      assert.equal(await queue.get(), 21);
      queue.close();
    }
  });

  test('test_nested_startmethod: a child hands what it was given on to a grandchild', async () => {
    for (const outer of METHODS)
      for (const inner of METHODS) {
        const { Process, Queue } = getContext(outer);
        const queue = new Queue<string>();
        const process = new Process({ target: handOn, args: [queue, inner] });
        process.start();
        await process.join();
        assert.deepEqual([await queue.get(), await queue.get()].sort(), [`child ${outer}`, `grandchild ${inner}`]);
        queue.close();
      }
  });

  test('what a context has is what the module has, but for the classes that start processes', () => {
    const own = ['getStartMethod', 'getContext', 'setStartMethod', 'Process', 'Pool'];
    for (const method of METHODS) {
      const members = Object.entries(getContext(method)).filter(([name]) => !own.includes(name));
      assert.ok(members.length > 20);
      for (const [name, value] of members) assert.equal(value, Reflect.get(manycore, name), name);
    }
  });
});
