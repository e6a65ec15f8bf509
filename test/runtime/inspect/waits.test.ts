import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { readPrograms, type ProcessSnapshot } from 'manycore/inspect';
import { DEADLINE, lineOf, privateRoot, until } from '../process/support.js';

const fixture = fileURLToPath(new URL('fixtures/waits.js', import.meta.url));

test(
  'what a process waits for is seen from outside: every kind, blocked or awaited, with its name and since when',
  { timeout: DEADLINE * 3 },
  async () => {
    using root = privateRoot();
    const given = process.env['MANYCORE_DIR'];
    process.env['MANYCORE_DIR'] = root.env['MANYCORE_DIR'];
    const began = Date.now();
    const main = spawn(process.execPath, [fixture], { stdio: ['pipe', 'pipe', 'inherit'] });
    const living = (): ProcessSnapshot[] =>
      readPrograms().flatMap(({ processes }) =>
        processes.filter(({ state }) => state !== 'exited' && state !== 'died'),
      );
    const find = (name: string): ProcessSnapshot =>
      living().find(one => one.name === name) ?? assert.fail(`${name} has ended`);
    try {
      assert.equal(await lineOf(main.stdout.iterator({ destroyOnReturn: false })), 'ready');
      const waiters = living().filter(({ kind, name }) => kind === 'process' && name !== 'grandchild');
      assert.equal(waiters.length, 25);
      for (const { name } of waiters) {
        const [kind] = name.split(' ');
        await until(() => find(name).waitingFor?.kind === kind, `${name}: ${JSON.stringify(find(name).waitingFor)}`);
        const { state, waitingFor } = find(name);
        assert.equal(state, 'waiting', name);
        assert.ok((waitingFor?.sinceMs ?? 0) > began && (waitingFor?.sinceMs ?? 0) <= Date.now(), name);
      }
      const named = (name: string): string | undefined => find(name).waitingFor?.name;
      assert.deepEqual(['queueGet', 'queueGet awaited'].map(named), ['the empty one', 'the empty one']);
      assert.deepEqual([named('queuePut'), named('queueJoin')], ['the full one', 'the undone one']);
      assert.deepEqual(['process parent', 'process child', 'process child, blocked'].map(named), [
        'MainProcess',
        'grandchild',
        'grandchild',
      ]);
      assert.match(named('lock') ?? '', /^#\d+$/);
      assert.equal(named('lock'), named('lock awaited'), 'who waits for the same lock is seen to');
      assert.notEqual(named('lock deadlock a'), named('lock deadlock b'));
      // A worker without work is idle, not waiting.
      const worker = living().find(({ kind }) => kind === 'worker');
      assert.deepEqual([worker?.state, worker?.waitingFor?.kind], ['idle', 'task']);

      // Killed while they wait, and a wait that ends: nothing of it stays.
      process.kill(find('lock deadlock a').pid, 'SIGKILL');
      await until(() => readPrograms()[0]?.processes.find(({ name }) => name === 'lock deadlock a')?.signal === 'SIGKILL', 'its end'); // prettier-ignore
      const dead = readPrograms()[0]?.processes.find(({ name }) => name === 'lock deadlock a');
      assert.deepEqual([dead?.state, dead?.waitingFor], ['died', null]);
      await until(
        () => !living().some(({ name }) => name === 'lock deadlock b'),
        'the other one got the lock of the dead',
      );
      main.stdin.write('go\n');
      assert.equal(await lineOf(main.stdout), 'over');
      await until(() => find('event briefly').waitingFor === null, 'nothing is waited for any more');
      assert.equal(find('event briefly').state, 'running');
    } finally {
      const left = living();
      main.kill('SIGKILL');
      if (main.exitCode === null && main.signalCode === null) await once(main, 'exit');
      for (const { pid } of left) {
        try {
          process.kill(pid, 'SIGKILL');
        } catch {
          // it has gone with its parent
        }
      }
      if (given === undefined) delete process.env['MANYCORE_DIR'];
      else process.env['MANYCORE_DIR'] = given;
    }
  },
);
