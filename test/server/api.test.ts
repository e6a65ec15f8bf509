import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as runtime from 'manycore';
import * as futures from 'manycore/futures';
import { constructors, FALLBACK_TYPES, methods } from 'manycore-check';

/** The runtime's exports as they are, by name. */
const real = new Map<string, unknown>(Object.entries({ ...futures, ...runtime }));

function membersOf(name: string): Set<string> {
  const members = new Set<string>();
  for (
    let at = (real.get(name) as { prototype: object } | undefined)?.prototype;
    at && at !== Object.prototype;
    at = Object.getPrototypeOf(at) as object
  ) {
    for (const member of Object.getOwnPropertyNames(at)) members.add(member);
  }
  return members;
}

/** Parts of the library that are announced and not built yet have no names to compare. */
const built = (name: string): boolean => real.has(name);

test('every method of the API table exists in the runtime', () => {
  const missing = Object.entries(methods)
    .filter(([name]) => built(name))
    .flatMap(([name, table]) =>
      Object.keys(table).flatMap(member => (membersOf(name).has(member) ? [] : [`${name}.${member}`])),
    );
  assert.deepEqual(missing, []);
});

test('every constructor of the API table exists in the runtime', () => {
  assert.deepEqual(
    Object.keys(constructors).filter(name => typeof real.get(name) !== 'function'),
    [],
  );
});

test('the built-in declarations name what the runtime has', () => {
  const declared = [...FALLBACK_TYPES.matchAll(/export declare (?:class|function) (\w+)/g)].flatMap(
    match => match[1] ?? [],
  );
  const classes = [...FALLBACK_TYPES.matchAll(/export declare class (\w+)[^{]*\{([\s\S]*?)\n\}/g)];
  assert.ok(declared.length > 30 && classes.length > 5);
  const missing = classes
    .filter(([, name = '']) => built(name))
    .flatMap(([, name = '', body = '']) =>
      [...body.matchAll(/(?<![\w.])([a-z]\w*)(?:<[^(]*>)?\(/g)]
        .map(match => match[1] ?? '')
        .filter(
          member => member !== 'constructor' && !membersOf(name).has(member) && !['f', 'callback'].includes(member),
        )
        .map(member => `${name}.${member}`),
    );
  assert.deepEqual(missing, []);
});
