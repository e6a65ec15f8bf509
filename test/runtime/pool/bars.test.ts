import assert from 'node:assert/strict';
import path from 'node:path';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { noTerminal, Terminal } from '../cli/terminal.js';
import { DEADLINE } from './support.js';

const drawing = path.join(path.dirname(fileURLToPath(import.meta.url)), 'fixtures/programs/bars.js');
const start = (which: string, columns: number, rows = 20): Terminal =>
  new Terminal([process.execPath, drawing, which], process.env, columns, rows);

describe('bars on a terminal', { timeout: DEADLINE * 2, skip: noTerminal }, () => {
  test('several at once stand below each other and stay, and what comes after them below', async () => {
    const terminal = start('several', 100);
    await terminal.until(({ text }) => / [1-9]\d% \| \d+\/60 /.test(text), 'a bar on its way');
    assert.equal(await terminal.end(), 0);
    const { lines, cursorShown, wraps } = terminal.screen;
    assert.deepEqual([cursorShown, wraps], [true, true]);
    assert.match(lines[0] ?? '', /^ thumbnails █{34,40} 100% \| 60\/60 \| [\d.]+\/s \| \d+ s$/);
    assert.match(lines[1] ?? '', /^ 図 {7,10}█{34,40} 100% \| 30\/30, 30 failed \| /);
    assert.match(lines[2] ?? '', /^ unknown +40 done \| [\d.]+\/s \| \d+ s$/);
    assert.equal(lines[3], 'done');
    assert.equal(lines.slice(4).join(''), '');
  });

  test('a narrow one has shorter bars, and no line is wrapped', async () => {
    for (const columns of [60, 30]) {
      const terminal = start('several', columns);
      assert.equal(await terminal.end(), 0);
      const { lines } = terminal.screen;
      assert.match(lines[0] ?? '', /^ thumbnails █+/);
      assert.match(lines[1] ?? '', /^ 図 /);
      assert.match(lines[2] ?? '', /^ unknown /);
      assert.equal(lines[3], 'done', `${columns}: ${lines.join('\n')}`);
    }
  });

  test('one that gets narrow in the middle goes on', async () => {
    const terminal = start('several', 100);
    await terminal.until(({ text }) => / [1-9]\d% \| \d+\/60 /.test(text), 'a bar on its way');
    terminal.resize(40, 20);
    assert.equal(await terminal.end(), 0);
    assert.match(terminal.screen.text, /\ndone$/);
  });

  test('interrupted in the middle, the terminal is as it was: cursor and wrapping', async () => {
    const terminal = start('endless', 100);
    await terminal.until(({ text }) => /endless +[1-9]/.test(text), 'a bar on its way');
    terminal.type('\u0003');
    assert.notEqual(await terminal.end(), 0);
    assert.deepEqual([terminal.screen.cursorShown, terminal.screen.wraps], [true, true]);
  });
});
