import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { describe, test } from 'node:test';
import { DEADLINE, fixture, isRunning, privateRoot, run, textOf, until } from './support.js';

/**
 * Runs a command in a terminal of its own, types Ctrl-C as often as it says READY, up to a number of times, and prints
 * how it ended and what it printed.
 */
const TERMINAL = `
import json, os, pty, select, sys, time
most, argv = int(sys.argv[1]), sys.argv[2:]
pid, fd = pty.fork()
if pid == 0: os.execvp(argv[0], argv)
said, typed, deadline = b'', 0, time.time() + 50
while time.time() < deadline:
    if not select.select([fd], [], [], 0.05)[0]: continue
    try: data = os.read(fd, 65536)
    except OSError: break
    if not data: break
    said += data
    while typed < min(most, said.count(b'READY')):
        os.write(fd, b'\\x03')
        typed += 1
else: os.kill(pid, 9)
status = os.waitpid(pid, 0)[1]
code = -os.WTERMSIG(status) if os.WIFSIGNALED(status) else os.WEXITSTATUS(status)
print(json.dumps({'code': code, 'said': said.decode(), 'typed': typed}))
`;

const skip = spawnSync('python3', ['-c', 'import pty']).status !== 0 && 'needs python3 with its module pty';

async function typeInTerminal(times: number, env: NodeJS.ProcessEnv, ...args: string[]) {
  const all = { ...process.env, ...env };
  Reflect.deleteProperty(all, 'NODE_TEST_CONTEXT');
  const command = [process.execPath, fixture('programs/interrupted.js'), ...args];
  const terminal = spawn('python3', ['-c', TERMINAL, String(times), ...command], { env: all, stdio: 'pipe' });
  const [stdout, stderr] = await Promise.all([textOf(terminal.stdout), textOf(terminal.stderr)]);
  if (terminal.exitCode === null) await once(terminal, 'close');
  assert.equal(terminal.exitCode, 0, stderr);
  const { code, said, typed } = JSON.parse(stdout) as { code: number; said: string; typed: number };
  const pids = (/pids ([\d ]+)/.exec(said)?.[1] ?? '').split(' ').map(Number);
  return { code, typed, pids, said: said.replaceAll('\r\n', '\n').replaceAll('^C', '') };
}

describe('Ctrl-C in a terminal', { timeout: DEADLINE * 3, skip }, () => {
  for (const [what, ...args] of [
    ['processes that wait and that are busy, while the main one awaits their end', 'join', 'waiting', 'busy'],
    ['a pool in the middle of its tasks', 'pool'],
    ['a main process in a blocking wait', 'sync', 'waiting'],
    ['a main process in a loop that never returns', 'busy', 'waiting'],
    ['a child that ignores it', 'join', 'waiting', 'ignoring'],
  ] as const) {
    test(`ends the whole family at once, by the signal, and nobody says a word: ${what}`, async () => {
      using root = privateRoot();
      const { code, said, pids } = await typeInTerminal(1, root.env, ...args);
      assert.equal(code, -2, said);
      assert.match(said, /^pids [\d ]+\nREADY\n$/);
      await until(() => !pids.some(isRunning), 'all have ended');
      assert.equal((await run([fixture('programs/who.js')], { env: root.env })).code, 0);
      assert.deepEqual(root.left(), []);
    });
  }

  test('with logToStderr, too, no more is said than the log', async () => {
    const { code, said } = await typeInTerminal(1, {}, 'log', 'waiting');
    assert.equal(code, -2);
    const lines = said.trim().split('\n');
    assert.ok(
      lines.every(line => /^(\[INFO\/|pids |READY$)/.test(line)),
      said,
    );
  });

  test('test_interrupt: who has a handler decides for itself; the others end by the signal', async () => {
    const { code, said } = await typeInTerminal(1, {}, 'handler', 'waiting', 'swallowing');
    assert.equal(code, 0, said);
    assert.match(said, /^swallowed$/m);
    assert.match(said, /^ends -2 0$/m);
  });

  test('a second one reaches those that took the first as a wish', async () => {
    const { code, typed, said } = await typeInTerminal(2, {}, 'handler', 'counting');
    assert.deepEqual([code, typed], [0, 2], said);
    assert.match(said, /^ends 0$/m);
  });
});
