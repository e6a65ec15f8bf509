import assert from 'node:assert/strict';
import path from 'node:path';
import vm from 'node:vm';
import { fileURLToPath } from 'node:url';
import { describe, test } from 'node:test';
import { internals } from '../internals.js';
import { REFUSED } from './cases.js';
import { Point, Reducing } from './fixtures/classes.js';
import * as functions from './fixtures/functions.js';

const { checkPicklable, encode } = internals.pickle;
const { PicklingError } = internals.errors;
const here = path.dirname(fileURLToPath(import.meta.url));

function messageOf(call: () => unknown): string {
  try {
    call();
  } catch (error) {
    assert.ok(error instanceof PicklingError, String(error));
    assert.equal(error.code, 'ERR_MANYCORE_PICKLING');
    return error.message.replaceAll(`${here}${path.sep}`, '').replace(/\(cases\.js:\d+:\d+\)/, '(<here>)');
  }
  return 'it was sent';
}

describe('what cannot travel is refused at the call, with the reason and the mend', () => {
  for (const { name, make, message } of REFUSED) {
    test(name, () => {
      assert.equal(
        messageOf(() => encode(make())),
        message,
      );
      assert.equal(
        messageOf(() => checkPicklable(make())),
        message,
      );
    });
  }
});

describe('functions that no other process could find are refused', () => {
  const { unsendable } = functions;
  const expected: readonly (readonly [string, unknown, RegExp])[] = [
    ['not exported', unsendable.hidden, /^cannot send function 'hidden' \(fixtures\/functions\.js:\d+:1\) to another process: its module does not export it\. Add 'export' before 'function hidden'\.$/],
    ['class not exported', unsendable.Secret, /^cannot send class 'Secret' \(fixtures\/functions\.js:\d+:1\) to another process: its module does not export it\. Add 'export' before 'class Secret'\.$/],
    ['instance of a class not exported', [new unsendable.Secret()], /^cannot send value\[0\] to another process: it is an instance of class 'Secret' \(fixtures\/functions\.js:\d+:1\): its module does not export it\. Add 'export' before 'class Secret'\.$/],
    ['nested', unsendable.inner, /^cannot send function 'inner' \(fixtures\/functions\.js:\d+:3\) to another process: it is nested inside 'makeWorker'\. Move it to the top level of its module and export it\.$/],
    ['method', unsendable.method, /^cannot send function 'method' \(fixtures\/functions\.js:\d+:\d+\) to another process: it is a method of class 'Holder'\. Send the object, and call the method in an exported function\.$/],
    ['written in place', unsendable.inline, /^cannot send an arrow function \(fixtures\/functions\.js:\d+:\d+\) to another process: it is written in place, so no export of its module is this function\. Give it a name at the top level of its module and export it\.$/],
    ['made by eval', (0, eval)('(function evaluated() {})'), /^cannot send function 'evaluated' to another process: it was made by eval, the REPL or a command line, not by a module\. Put it into a file, at the top level, and export it\.$/],
    ['native bound', Math.max.bind(null), /^cannot send function 'bound max' to another process: a bound function keeps its object and arguments in this process\./],
    ['proxy', new Proxy(functions.work, {}), /^cannot send function 'work' to another process: it is a native function or a Proxy, which no module exports\./],
  ]; // prettier-ignore
  for (const [name, value, message] of expected)
    test(name, () =>
      assert.match(
        messageOf(() => encode(value)),
        message,
      ),
    );
});

describe('where a test runner or a bundler has wrapped the module, the refusal names expose', () => {
  const wrapped = '(async (__vi_import_0__, __vi_export__) => { function work(x) { return x; }; return work; })';
  for (const filename of ['file:///app/tasks.ts', '/app/tasks.ts']) {
    test(`its script is called ${filename}`, async () => {
      const work: unknown = await (vm.runInThisContext(wrapped, { filename }) as () => Promise<unknown>)();
      assert.equal(
        messageOf(() => encode({ work })),
        'cannot send value.work to another process: it is function ' +
          "'work' (/app/tasks.ts:1:46): a bundler or test runner has wrapped its module, so its exports cannot be seen. " +
          'Register it at the top level of its module: expose(import.meta, { work }).',
      );
    });
  }
});

test('the path starts with the name the caller gives', () => {
  assert.match(
    messageOf(() => encode([{ cb: () => 1 }], { root: 'args' })),
    /^cannot send args\[0\]\.cb to another process/,
  );
  assert.match(
    messageOf(() => checkPicklable({ 'a b': Promise.resolve() }, 'item')),
    /^cannot send item\["a b"\] to/,
  );
});

test('nesting beyond the limit is refused, whatever the depth', () => {
  let value: unknown = 'innermost';
  for (let i = 0; i < 100_000; i++) value = i % 2 ? { value } : [value];
  const expected =
    /^cannot send value to another process: it is nested (more than 1000 levels deep|too deeply for the stack)\. Flatten it/;
  assert.match(
    messageOf(() => encode(value)),
    expected,
  );
  assert.match(
    messageOf(() => encode([[[1]]], { maxDepth: 2 })),
    /nested more than 2 levels deep/,
  );
  let list: unknown = null;
  for (let i = 0; i < 1_000_000; i++) list = { next: list };
  assert.match(
    messageOf(() => encode(list)),
    expected,
  );
  const endless = (): object => ({ get next() { return endless(); } }); // prettier-ignore
  assert.match(
    messageOf(() => encode(endless())),
    expected,
  );
  assert.deepEqual(internals.pickle.decode(internals.pickle.encodeToBuffer([1])), [1]);
});

test('messages beyond the size limit are refused', () => {
  assert.match(
    messageOf(() => encode('x'.repeat(2000), { maxBytes: 1000 })),
    /it is larger than the limit of 1000 bytes/,
  );
  assert.match(
    messageOf(() => encode(new Uint8Array(2_000_000), { maxBytes: 1000 })),
    /it is larger than the limit of 1000 bytes/,
  );
});

test('a getter that throws is named by its path', () => {
  const value = { a: { get broken(): number { throw new Error('boom'); } } }; // prettier-ignore
  assert.match(
    messageOf(() => encode(value)),
    /^cannot send value\.a to another process: it is an object that cannot be read: Error: boom\./,
  );
});

test('a hook that answers nonsense is refused', () => {
  const reducing = (answer: unknown): object => Object.assign(Object.create(Odd.prototype) as Odd, { answer });
  assert.match(
    messageOf(() => encode(reducing(7))),
    /hook did not answer \[callable, args\]/,
  );
  assert.match(
    messageOf(() => encode(reducing([functions.work, []]))),
    /names 'work', which does not say that it may be called/,
  );
});

export class Odd {
  answer: unknown;
  [Symbol.for('manycore.reduce')](): unknown {
    return this.answer;
  }
}

test('what a reduce hook answers is named by the object that has the hook', () => {
  assert.equal(
    messageOf(() => encode({ jobs: [0, new Reducing([Promise.resolve()])] })),
    'cannot send value.jobs[1] to another process: it is an object that travels as a Promise: its result is not there ' +
      'yet. Await it and send the result.',
  );
});

test('a refused message leaves nothing behind in the next', () => {
  const point = new Point(1, 2);
  assert.throws(() => encode([point, point, Promise.resolve()]), PicklingError);
  assert.deepEqual(internals.pickle.decode(internals.pickle.encodeToBuffer([point, 1])), [point, 1]);
});

test('a class of the library may refuse in its own words, for its subclasses too', () => {
  class Reservoir {}
  class Lake extends Reservoir {}
  internals.pickle.refuseInstances(Reservoir, 'a Reservoir', 'only its owner can use it', 'Send its contents.');
  const expected =
    'cannot send value to another process: it is a Reservoir: only its owner can use it. Send its contents.';
  assert.equal(
    messageOf(() => encode(new Reservoir())),
    expected,
  );
  assert.equal(
    messageOf(() => encode(new Lake())),
    expected,
  );
});
