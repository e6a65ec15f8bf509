import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { privateRoot } from '../process/support.js';
import { command, DEADLINE, startSubject, type Subject } from './support.js';
import { noTerminal, Terminal } from './terminal.js';

const [CTRL_C, CTRL_Z] = ['\u0003', '\u001a'];
/** A shell that says something before and after, as a person's does. */
const inShell = (args: string): string[] => [
  'sh',
  '-c',
  `trap : INT; echo before; "$NODE" "$MANYCORE" ${args}; echo "after $?"`,
];

describe('manycore ps --watch on a terminal', { timeout: DEADLINE * 2, skip: noTerminal }, () => {
  let subject: Subject;
  let env: NodeJS.ProcessEnv;
  before(async () => {
    subject = await startSubject();
    env = { ...subject.env, NODE: process.execPath, MANYCORE: command };
  });
  after(() => subject[Symbol.asyncDispose]());

  test('draws over what is there, once a second, and Ctrl-C leaves the screen as it was', async () => {
    const terminal = new Terminal(inShell('ps --watch'), env);
    await terminal.until(({ pictures }) => pictures >= 3, 'three pictures');
    const { screen } = terminal;
    assert.deepEqual([screen.onSecond, screen.cursorShown, screen.wraps], [true, false, false]);
    assert.match(screen.text, /^\/.*program\.js {2}pid \d+ {2}for [\d.]+ m?s/);
    assert.match(screen.text, /├─ blocked +(process +)?waiting +\d+ .* waits for lock/);
    assert.match(screen.text, /Queue-\d+ +3 +MainProcess/);
    assert.doesNotMatch(screen.text, /before/);
    const sentBefore = terminal.sent.length;
    terminal.type(CTRL_C);
    assert.equal(await terminal.end(), 0);
    assert.deepEqual([screen.onSecond, screen.cursorShown, screen.wraps], [false, true, true]);
    // The terminal itself shows the key; Node may have said nothing.
    assert.match(screen.text.replace('^C', ''), /^before\nafter 0$/);
    assert.doesNotMatch(terminal.sent, /\u001b\[2J/, 'nothing is cleared as a whole');
    assert.ok(sentBefore > 0);
  });

  test('follows the size of the terminal at once, keeps every line in it, and counts what does not fit', async () => {
    const terminal = new Terminal([process.execPath, command, 'ps', '-w'], env, 120, 40);
    const { screen } = terminal;
    await terminal.until(({ text }) => text.includes('Queue-'), 'all of it');
    assert.match(screen.text, /MEMORY/);
    terminal.resize(60, 8);
    await terminal.until(({ lines }) => /^… \d+ more lines$/.test(lines.at(-1) ?? ''), 'the small one');
    assert.ok(screen.lines.every(line => [...line].length <= 60));
    assert.doesNotMatch(screen.text, /MEMORY/);
    assert.match(screen.lines[1] ?? '', /^ {2}PROCESS +STATE/);
    terminal.resize(24, 8);
    await terminal.until(({ lines }) => (lines[0] ?? '').endsWith('…') && (lines[0] ?? '').length <= 24, 'tiny');
    terminal.resize(140, 40);
    await terminal.until(({ text }) => text.includes('MEMORY') && text.includes('Queue-'), 'the large one again');
    terminal.type(CTRL_C);
    assert.equal(await terminal.end(), 0);
  });

  test('Ctrl-Z gives the shell its screen back, and fg takes it again', async () => {
    const terminal = new Terminal(['sh', '-im'], { ...env, PS1: '$ ', ENV: '' });
    const { screen } = terminal;
    terminal.type('"$NODE" "$MANYCORE" ps --watch\r');
    await terminal.until(({ onSecond }) => onSecond, 'the second screen');
    terminal.type(CTRL_Z);
    await terminal.until(({ onSecond, text }) => !onSecond && /Stopped/.test(text), 'the shell');
    assert.deepEqual([screen.cursorShown, screen.wraps], [true, true]);
    const { pictures } = screen;
    terminal.type('fg\r');
    await terminal.until(({ onSecond, pictures: now }) => onSecond && now > pictures, 'a picture again');
    terminal.type(CTRL_C);
    await terminal.until(({ onSecond }) => !onSecond, 'the shell again');
    terminal.type('exit\r');
    await terminal.end();
    assert.equal(screen.cursorShown, true);
  });

  test('ends with the terminal', async () => {
    const terminal = new Terminal([process.execPath, command, 'ps', '--watch'], env);
    await terminal.until(({ pictures }) => pictures > 0, 'a picture');
    terminal.hangUp();
    assert.equal(await terminal.end(), -1, 'of SIGHUP, as everything else in it');
  });

  test('colour by default, none with NO_COLOR', async () => {
    const coloured = new Terminal([process.execPath, command, 'ps'], env);
    assert.equal(await coloured.end(), 0);
    assert.match(coloured.sent, /\u001b\[32mbusy/);
    const plain = new Terminal([process.execPath, command, 'ps'], { ...env, NO_COLOR: '1' });
    assert.equal(await plain.end(), 0);
    assert.doesNotMatch(plain.sent, /\u001b/);
  });

  test('a terminal whose size nobody has set is taken for one of 80 columns', async () => {
    const terminal = new Terminal([process.execPath, command, 'ps'], env, 0, 0);
    assert.equal(await terminal.end(), 0);
    const lines = terminal.sent.replace(/\u001b\[[\d;]*m/g, '').split('\r\n');
    assert.ok(lines.some(line => [...line].length > 60) && lines.every(line => [...line].length <= 80));
  });
});

test(
  'a program that ends while it is watched disappears, and the watching goes on',
  { skip: noTerminal, timeout: DEADLINE },
  async () => {
    const subject = await startSubject();
    const terminal = new Terminal([process.execPath, command, 'ps', '--watch'], subject.env);
    try {
      await terminal.until(({ text }) => text.includes('blocked'), 'the program');
      const { code } = await subject.manycore(['kill', '--tree', String(subject.main.pid), '--signal', 'SIGKILL']);
      assert.equal(code, 0);
      await terminal.until(({ text }) => text === 'no manycore programs are running', 'nothing');
      terminal.type(CTRL_C);
      assert.equal(await terminal.end(), 0);
    } finally {
      await subject[Symbol.asyncDispose]();
    }
  },
);

test('watching where nothing runs says so', { skip: noTerminal, timeout: DEADLINE }, async () => {
  using shared = privateRoot();
  const terminal = new Terminal([process.execPath, command, 'ps', '-w'], { ...process.env, ...shared.env });
  await terminal.until(({ text }) => text === 'no manycore programs are running', 'the answer');
  terminal.type(CTRL_C);
  assert.equal(await terminal.end(), 0);
});
