import { Refusal } from './refusal.js';
import { referenceOf, type Reference } from './reference.js';

/**
 * The hooks of classes whose state is more than their own fields.
 *
 * `[Symbol.for('manycore.reduce')]()`, a method, or `static [Symbol.for('manycore.reduce')](object)`, answers
 * `[callable, args]`. The receiver calls `callable[Symbol.for('manycore.revive')](...args)` if there is one, else
 * `new callable(...args)`. A sender can name only code that declares itself callable this way: a class with one of the
 * hooks, or a function whose `Symbol.for('manycore.revive')` property is `true`.
 */
const REDUCE = Symbol.for('manycore.reduce');
const REVIVE = Symbol.for('manycore.revive');

type Callable = (...args: never[]) => unknown;
export type ReduceHook = (object: object) => unknown;

/** The reduce hook that objects with this prototype have, or null. */
export function reduceHook(prototype: object, constructor: Callable | null): ReduceHook | null {
  const method: unknown = Reflect.get(prototype, REDUCE);
  if (typeof method === 'function') return object => Reflect.apply(method, object, []) as unknown;
  const fixed: unknown = constructor === null ? undefined : Reflect.get(constructor, REDUCE);
  if (typeof fixed === 'function') return object => Reflect.apply(fixed, constructor, [object]) as unknown;
  return null;
}

/** Checks what a reduce hook answered. */
export function checkReduced(reduced: unknown): { reference: Reference; args: unknown[] } {
  const [callable, args] = Array.isArray(reduced) ? (reduced as unknown[]) : [];
  if (typeof callable !== 'function' || !(args === undefined || Array.isArray(args))) {
    throw new Refusal(
      'an object whose manycore.reduce hook did not answer [callable, args]',
      '',
      'Return the class (or an exported function) and an array of arguments.',
    );
  }
  if (reviverOf(callable as Callable) === null) {
    throw new Refusal(
      `an object whose manycore.reduce hook names ${callable.name === '' ? 'a function without a name' : `'${callable.name}'`}, which does not say that it may be called`,
      '',
      `Set ${callable.name || 'it'}[Symbol.for('manycore.revive')] = true, or name a class that has one of the hooks.`,
    );
  }
  return { reference: referenceOf(callable as Callable), args: (args as unknown[] | undefined) ?? [] };
}

/** How the receiver calls what a message names, or null when that did not declare itself callable. */
export function reviverOf(callable: Callable): ((args: unknown[]) => unknown) | null {
  const revive: unknown = Reflect.get(callable, REVIVE);
  if (typeof revive === 'function') return args => Reflect.apply(revive, callable, args) as unknown;
  if (revive === true) return args => Reflect.apply(callable, undefined, args as never[]);
  const prototype: unknown = Reflect.get(callable, 'prototype');
  if (typeof prototype !== 'object' || prototype === null) return null;
  if (reduceHook(prototype, callable) === null) return null;
  return args => Reflect.construct(callable, args) as unknown;
}
