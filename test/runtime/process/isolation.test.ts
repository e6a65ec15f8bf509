import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fs from 'node:fs';
import { Process } from 'manycore';
import * as targets from './fixtures/targets.js';
import { DEADLINE, outputOf } from './support.js';

const piped = { stdio: 'pipe' } as const;

describe('what a process gets from its parent', { timeout: DEADLINE * 4 }, () => {
  test('test_child_fd_inflation: a child has as many descriptors with five siblings as with none', async () => {
    const count = async (): Promise<number> =>
      Number((await outputOf(new Process({ target: targets.countDescriptors, ...piped }))).stdout);
    const alone = await count();
    const siblings = Array.from(
      { length: 5 },
      () => new Process({ target: targets.runForEver, ...piped, daemon: true }),
    );
    for (const p of siblings) p.start();
    assert.equal(await count(), alone);
    for (const p of siblings) p.kill();
    await Promise.all(siblings.map(p => p.join()));
  });

  test("test_closefd: a descriptor of the parent's is not open in the child", async () => {
    // Lower numbers may be the child's own: the first dozen, and 63, by which it hangs on the lifeline.
    const opened = Array.from({ length: 100 }, () => fs.openSync('/dev/null', 'r'));
    try {
      const last = opened.at(-1) ?? 0;
      assert.ok(last > 63);
      const { stdout } = await outputOf(new Process({ target: targets.tellDescriptor, args: [last], ...piped }));
      assert.equal(stdout, '"EBADF"\n');
    } finally {
      for (const each of opened) fs.closeSync(each);
    }
  });

  test("test_flags: Node's options and the environment reach the grandchild", async () => {
    const { stdout } = await outputOf(
      new Process({
        target: targets.tellExecArgv,
        args: [1],
        execArgv: ['--stack-trace-limit=37', '--no-warnings'],
        env: { ...process.env, MARK: 'here' },
        ...piped,
      }),
    );
    const [child, grandchild] = stdout
      .trim()
      .split('\n')
      .map(line => JSON.parse(line) as { execArgv: string[]; mark: string });
    assert.deepEqual(child?.execArgv, ['--stack-trace-limit=37', '--no-warnings']);
    assert.deepEqual(grandchild, { ...child, depth: 0 });
  });

  test('options of Node and an environment that are none are refused', () => {
    const wrong = (options: object) => () => new Process({ target: targets.tellExecArgv, args: [0], ...options });
    assert.throws(wrong({ execArgv: '--no-warnings' }), /^TypeError: execArgv must be an array of strings, such as/);
    assert.throws(wrong({ execArgv: [1] }), /^TypeError: execArgv must be an array of strings, such as/);
    assert.throws(wrong({ env: 'PATH' }), /^TypeError: env must be an object, such as/);
  });

  test('a daemonic process may not have children', async () => {
    const p = new Process({ target: targets.startDaemonsChild, daemon: true, ...piped });
    const { stderr } = await outputOf(p);
    assert.equal(p.exitCode, 1);
    assert.match(stderr, /AssertionError: daemonic processes are not allowed to have children\n/);
  });
});
