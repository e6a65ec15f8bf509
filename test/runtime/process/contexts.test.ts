import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import * as manycore from 'manycore';
import { getAllStartMethods, getContext, getStartMethod, setStartMethod, type StartMethod } from 'manycore';
import { tellStartMethod } from './fixtures/contexts.js';
import { DEADLINE, outputOf } from './support.js';

const named = (name: string): StartMethod => name as StartMethod;

describe('start methods and contexts', { timeout: DEADLINE }, () => {
  test('test_get_all_start_methods: the default first, and nothing that is not there', () => {
    assert.deepEqual(getAllStartMethods(), ['spawn']);
    getAllStartMethods().pop();
    assert.deepEqual(getAllStartMethods(), ['spawn']);
  });

  test('test_set_get: chosen once, by asking too; with force again, and taken back', () => {
    assert.equal(getStartMethod({ allowNone: true }), null);
    assert.throws(() => setStartMethod(named('thread')), { name: 'ValueError' });
    assert.throws(() => setStartMethod(null), { name: 'ValueError' });
    assert.equal(getStartMethod({ allowNone: true }), null);
    assert.equal(getStartMethod(), 'spawn');
    const again = { name: 'RuntimeError', message: 'context has already been set' };
    assert.throws(() => setStartMethod('spawn'), again);
    setStartMethod('spawn', { force: true });
    setStartMethod(null, { force: true });
    assert.equal(getStartMethod({ allowNone: true }), null);
    setStartMethod('spawn');
    assert.throws(() => setStartMethod('spawn'), again);
    setStartMethod(null, { force: true });
    getContext();
    assert.throws(() => setStartMethod('spawn'), again);
    assert.throws(() => setStartMethod('spawn', { forced: true } as object), /Did you mean 'force'/);
  });

  test('test_context: a context is itself, its method is fixed, and a child agrees', async () => {
    const context = getContext('spawn');
    assert.equal(getContext(), context);
    assert.equal(context.getContext(), context);
    assert.equal(context.getStartMethod(), 'spawn');
    assert.throws(() => context.setStartMethod('spawn', { force: true }), {
      name: 'ValueError',
      message: 'cannot set start method of concrete context',
    });
    assert.throws(() => context.getContext(named('fork')), { name: 'ValueError' });
    const { stdout } = await outputOf(new context.Process({ target: tellStartMethod, stdio: 'pipe' }));
    assert.deepEqual(JSON.parse(stdout), { before: 'spawn', method: 'spawn', again: 'context has already been set' });
  });

  test('what is not there is refused with the reason', () => {
    for (const [method, message] of [
      ['fork', /^cannot find context for 'fork': the engine's threads .* There is 'spawn'\.$/],
      ['forkserver', /^cannot find context for 'forkserver': it is not built yet\. There is 'spawn'\.$/],
      ['thread', /^cannot find context for 'thread'\. There is 'spawn'\.$/],
      ['toString', /^cannot find context for 'toString'\. /],
    ] as const)
      assert.throws(() => getContext(named(method)), { name: 'ValueError', message });
  });

  test('what a context has is what the module has', () => {
    const own = ['getStartMethod', 'getContext', 'setStartMethod'];
    const members = Object.entries(getContext()).filter(([name]) => !own.includes(name));
    assert.ok(members.length > 20);
    for (const [name, value] of members) assert.equal(value, Reflect.get(manycore, name), name);
  });
});
