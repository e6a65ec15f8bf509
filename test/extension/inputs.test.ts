import * as assert from 'node:assert/strict';
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { describeInputs, parseInputs, readCsv, readInputs } from '../../client/src/run/inputs.js';

describe('The inputs of "Run in pool"', () => {
  let folder = '';
  before(() => (folder = fs.mkdtempSync(path.join(os.tmpdir(), 'manycore-inputs-'))));
  after(() => fs.rmSync(folder, { recursive: true }));

  const read = (text: string) => readInputs(parseInputs(text, folder));
  const file = (name: string, text: string) => fs.writeFileSync(path.join(folder, name), text);

  it('understands a list as it would be written in a program', () => {
    assert.deepEqual(read('[1, "two", { three: [3] }]'), [1, 'two', { three: [3] }]);
    assert.deepEqual(read(' [] '), []);
  });

  it('understands ranges, both ends included, in both directions and with a step', () => {
    assert.deepEqual(read('1..5'), [1, 2, 3, 4, 5]);
    assert.deepEqual(read('3..1'), [3, 2, 1]);
    assert.deepEqual(read('-2 .. 10 step 5'), [-2, 3, 8]);
  });

  it('reads JSON, JSON lines, CSV and text files', () => {
    file('a.json', '\uFEFF[1, [2]]');
    file('b.jsonl', '{"x":1}\n{"x":2}\n');
    file('c.csv', 'ada,36\r\n"Hopper, Grace",85\n');
    file('d.txt', 'one\ntwo\n');
    assert.deepEqual(read('a.json'), [1, [2]]);
    assert.deepEqual(read('b.jsonl'), [{ x: 1 }, { x: 2 }]);
    assert.deepEqual(read('c.csv'), [
      ['ada', 36],
      ['Hopper, Grace', 85],
    ]);
    assert.deepEqual(read('./d.txt'), ['one', 'two']);
  });

  it('reads quoted fields, empty fields and line ends inside quotes', () => {
    assert.deepEqual(readCsv('"a ""b""",,3\n"two\nlines",x'), [
      ['a "b"', '', 3],
      ['two\nlines', 'x'],
    ]);
  });

  it('says what it expects when it does not understand', () => {
    assert.throws(() => parseInputs('', folder), /Type a list/);
    assert.throws(() => parseInputs('missing.json', folder), /no file .*missing\.json/);
    assert.throws(() => parseInputs('1..99999999999', folder), /more than/);
    file('object.json', '{}');
    assert.throws(() => read('object.json'), /does not hold a list/);
  });

  it('describes inputs so that they are understood again', () => {
    for (const text of ['1..5', '10..0 step 2', '[1, 2]']) {
      assert.equal(describeInputs(parseInputs(text, folder)), text);
    }
  });
});
