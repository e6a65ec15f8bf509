import type { Reader } from './reader.js';
import { shapeTable, type ShapeTable } from './shapes.js';

/** Reads the values of one object and makes it, all keys at once. */
export type Maker = (s: Reader) => object;
type ReadValue = (s: Reader) => unknown;

/** A list of keys as the decoder knows it, with the code that makes such objects. */
export interface ReadShape {
  readonly keys: readonly string[];
  /** Makes plain objects; null while it is not worth it, or where code may not be generated. */
  make: Maker | null;
  uses: number;
  /** The class an instance of this shape was last made of, and its maker. */
  lastClass: object | null;
  lastMake: Maker | null;
  /** The makers of all classes whose instances have this shape; null where there can be none. */
  makers: WeakMap<object, Maker | null> | null;
}

/** Objects of a shape seen this often get a maker of their own. */
const COMPILE_AFTER = 8;
const MAX_COMPILED_KEYS = 64;

export function newShape(keys: readonly string[]): ReadShape {
  return { keys, make: null, uses: 0, lastClass: null, lastMake: null, makers: null };
}

let generation = true;

/** Generates a function; null where the process forbids code from strings (--disallow-code-generation-from-strings). */
function generate(body: string, names: readonly string[], values: readonly unknown[]): unknown {
  if (!generation) return null;
  try {
    // Keys enter the text through JSON.stringify only, so they stay string literals whatever they hold.
    return Reflect.apply(new Function(...names, body), undefined, values) as unknown;
  } catch {
    generation = false;
    return null;
  }
}

/** U+2028 and U+2029 are legal in string literals since ES2019; JSON.stringify escapes all else and lone surrogates. */
const literal = (key: string): string => JSON.stringify(key);

/** The literal's maker for a shape, once the shape has been met often enough. */
export function compile(shape: ReadShape, read: ReadValue): Maker | null {
  if (shape.make !== null) return shape.make;
  if (++shape.uses < COMPILE_AFTER || shape.keys.length > MAX_COMPILED_KEYS) return null;
  // ["__proto__"] in brackets is an own property; without them it would set the prototype.
  const fields = shape.keys.map(key => `${key === '__proto__' ? '["__proto__"]' : literal(key)}: read(s)`);
  const make = generate(`return function (s) { return { ${fields.join(', ')} }; };`, ['read'], [read]);
  return (shape.make = make as Maker | null);
}

/**
 * A maker of instances: a constructor that assigns the fields, with the class's own prototype. Only for keys that the
 * prototype chain does not have: assigning those could run a setter.
 */
export function compileInstance(shape: ReadShape, prototype: object, read: ReadValue): Maker | null {
  if (shape.lastClass === prototype) return shape.lastMake;
  let make = shape.makers?.get(prototype);
  if (make === undefined) {
    if (++shape.uses < COMPILE_AFTER) return null;
    make = makerOf(shape, prototype, read);
    (shape.makers ??= new WeakMap()).set(prototype, make);
  }
  shape.lastClass = prototype;
  return (shape.lastMake = make);
}

function makerOf(shape: ReadShape, prototype: object, read: ReadValue): Maker | null {
  if (shape.keys.length > MAX_COMPILED_KEYS || shape.keys.some(key => key in prototype)) return null;
  const fields = shape.keys.map(key => `this[${literal(key)}] = read(s);`);
  const body = `function Made(s) { ${fields.join(' ')} } Made.prototype = prototype; return s => new Made(s);`;
  return generate(body, ['read', 'prototype'], [read, prototype]) as Maker | null;
}

let table: ShapeTable | null = null;
let byId: (ReadShape | undefined)[] = [];

/** The shape with this number in the shared table. */
export function sharedShape(id: number): ReadShape | null {
  const now = shapeTable();
  if (now !== table) {
    table = now;
    byId = [];
  }
  const known = byId[id];
  if (known !== undefined) return known;
  const keys = table?.keysOf(id);
  if (keys === undefined) return null;
  return (byId[id] = newShape(keys));
}
