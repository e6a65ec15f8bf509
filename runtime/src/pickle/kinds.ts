import { types } from 'node:util';
import { Refusal } from './refusal.js';
import { handleOf, type Handle } from './handles.js';
import { classReference, type Reference } from './reference.js';
import { reduceHook, type ReduceHook } from './hooks.js';
import { refusalOfHostObject } from './unsendable.js';
import { privateMembers } from './source.js';

/** How an object that is neither a plain object nor an array is written. */
export type KindCode =
  | 'null'
  | 'plain'
  | 'array'
  | 'map'
  | 'set'
  | 'date'
  | 'regexp'
  | 'buffer'
  | 'view'
  | 'error'
  | 'boxed'
  | 'url'
  | 'urlParams'
  | 'handle'
  | 'reduced'
  | 'instance';

/** What is known of all objects that share a prototype. */
export interface Kind {
  readonly code: KindCode;
  /** The class to re-attach: of an instance, or of a subclass of a built-in. */
  readonly reference: Reference | null;
  /** Which typed array, or which built-in error. */
  readonly index: number;
  readonly handle: Handle | null;
  readonly reduce: ReduceHook | null;
}

type TypedArrayConstructor = new (buffer: ArrayBuffer, byteOffset: number, length: number) => ArrayBufferView;
type ErrorConstructor = new (message?: string) => Error;

const float16: unknown = Reflect.get(globalThis, 'Float16Array');

/** Every view there is; its place is its number in a message. Buffer stays first, DataView second. */
export const VIEWS: readonly { readonly name: string; readonly make: TypedArrayConstructor; readonly size: number }[] =
  [
    { name: 'Buffer', make: Buffer as unknown as TypedArrayConstructor, size: 1 },
    { name: 'DataView', make: DataView as unknown as TypedArrayConstructor, size: 1 },
    ...[
      Uint8Array,
      Int8Array,
      Uint8ClampedArray,
      Uint16Array,
      Int16Array,
      Uint32Array,
      Int32Array,
      Float32Array,
      Float64Array,
      BigInt64Array,
      BigUint64Array,
      ...(typeof float16 === 'function' ? [float16 as typeof Float32Array] : []),
    ].map(make => ({ name: make.name, make: make as unknown as TypedArrayConstructor, size: make.BYTES_PER_ELEMENT })),
  ];

/** The errors every receiver has; their place is their number in a message. */
export const ERRORS: readonly { readonly name: string; readonly make: ErrorConstructor }[] = [
  Error,
  TypeError,
  RangeError,
  SyntaxError,
  ReferenceError,
  EvalError,
  URIError,
  AggregateError as unknown as ErrorConstructor,
  DOMException,
].map(make => ({ name: make.name, make }));

const known = new WeakMap<object, Kind>();
const kind = (code: KindCode, more: Partial<Kind> = {}): Kind => ({
  code,
  reference: null,
  index: 0,
  handle: null,
  reduce: null,
  ...more,
});

for (const [prototype, code] of [
  [Array.prototype, 'array'],
  [Map.prototype, 'map'],
  [Set.prototype, 'set'],
  [Date.prototype, 'date'],
  [RegExp.prototype, 'regexp'],
  [ArrayBuffer.prototype, 'buffer'],
  [Number.prototype, 'boxed'],
  [String.prototype, 'boxed'],
  [Boolean.prototype, 'boxed'],
  [BigInt.prototype, 'boxed'],
  [Symbol.prototype, 'boxed'],
  [URL.prototype, 'url'],
  [URLSearchParams.prototype, 'urlParams'],
] as const) {
  known.set(prototype, kind(code));
}
VIEWS.forEach((view, index) => known.set(view.make.prototype as object, kind('view', { index })));
ERRORS.forEach((error, index) => known.set(error.make.prototype as object, kind('error', { index })));

const NULL_KIND = kind('null');

/** Tells how to write `object`; throws a `Refusal` when it cannot travel. Answers are kept per prototype. */
export function kindOf(object: object): Kind {
  const prototype = Object.getPrototypeOf(object) as object | null;
  if (prototype === null) return types.isModuleNamespaceObject(object) ? refuseNamespace() : NULL_KIND;
  const met = known.get(prototype);
  if (met !== undefined) return met;
  const found = describe(object, prototype);
  known.set(prototype, found);
  return found;
}

function describe(object: object, prototype: object): Kind {
  const handle = handleOf(prototype);
  if (handle !== null) return kind('handle', { handle });
  const constructor = constructorOf(prototype);
  const reduce = reduceHook(prototype, constructor);
  if (reduce !== null) return kind('reduced', { reduce });
  const builtIn = brandOf(object);
  if (builtIn !== null) {
    // A built-in of another realm (a vm context, as test runners use) is that built-in here.
    if (isForeignBuiltIn(prototype, constructor)) return builtIn;
    if (builtIn.code === 'error') return { ...builtIn, reference: errorReference(constructor, prototype) };
    const reference = classReference(constructor, prototype);
    refusePrivateState(prototype);
    return { ...builtIn, reference };
  }
  if (isForeignBuiltIn(prototype, constructor) && constructor?.name === 'Object') return kind('plain');
  refusalOfHostObject(object, prototype);
  const reference = classReference(constructor, prototype);
  refusePrivateState(prototype);
  return kind('instance', { reference });
}

/** The built-in this object is by its internal slots, whatever its prototype says. */
function brandOf(object: object): Kind | null {
  if (Array.isArray(object)) return kind('array');
  if (types.isMap(object)) return kind('map');
  if (types.isSet(object)) return kind('set');
  if (types.isDate(object)) return kind('date');
  if (types.isRegExp(object)) return kind('regexp');
  if (types.isBoxedPrimitive(object)) return kind('boxed');
  if (types.isArrayBuffer(object)) return kind('buffer');
  if (ArrayBuffer.isView(object)) return kind('view', { index: viewIndex(object) });
  if (types.isNativeError(object) || object instanceof Error) return kind('error', { index: errorIndex(object) });
  return null;
}

function viewIndex(view: ArrayBufferView): number {
  if (view instanceof Buffer) return 0;
  const name: unknown = types.isTypedArray(view) ? view[Symbol.toStringTag] : 'DataView';
  const index = VIEWS.findIndex(each => each.name === name);
  if (index < 0) throw new Refusal(`a ${String(name)}`, 'this version does not know it', 'Send a plain array instead.');
  return index;
}

/** The nearest built-in error up the prototype chain, by identity and, for other realms, by name. */
function errorIndex(error: object): number {
  for (let at: unknown = Object.getPrototypeOf(error); typeof at === 'object' && at !== null;) {
    const prototype: object = at;
    const exact = ERRORS.findIndex(each => each.make.prototype === prototype);
    if (exact >= 0) return exact;
    const constructor = constructorOf(prototype);
    if (isForeignBuiltIn(prototype, constructor)) {
      const named = ERRORS.findIndex(each => each.name === constructor?.name);
      if (named >= 0) return named;
    }
    at = Object.getPrototypeOf(prototype);
  }
  return 0;
}

/**
 * The class of an error, or null where it cannot travel: an error has to arrive even when its class cannot, and then
 * arrives as the nearest built-in with its name kept.
 */
function errorReference(constructor: Callable | null, prototype: object): Reference | null {
  try {
    return classReference(constructor, prototype);
  } catch (error) {
    if (error instanceof Refusal) return null;
    throw error;
  }
}

type Callable = (...args: never[]) => unknown;

function constructorOf(prototype: object): Callable | null {
  const own = Object.getOwnPropertyDescriptor(prototype, 'constructor');
  return typeof own?.value === 'function' ? (own.value as Callable) : null;
}

/** Whether the prototype belongs to a native constructor: here those were looked up before, so it is another realm's. */
function isForeignBuiltIn(prototype: object, constructor: Callable | null): boolean {
  if (constructor === null || constructor.prototype !== prototype) return false;
  return /^function \w+\(\) \{\s+\[native code\]\s+\}$/.test(Function.prototype.toString.call(constructor));
}

/** Private members are out of anybody's reach: the instance would arrive without them and fail at first use. */
function refusePrivateState(prototype: object): void {
  for (let at: object | null = prototype; at !== null; at = Object.getPrototypeOf(at) as object | null) {
    const constructor = constructorOf(at);
    const [first] = constructor === null ? [] : privateMembers(constructor);
    if (constructor === null || first === undefined) continue;
    throw new Refusal(
      `an instance of class '${constructor.name}'`,
      `its private state (#${first}) is out of reach`,
      "Give the class a [Symbol.for('manycore.reduce')]() method that returns [its class, the arguments to make it again].",
    );
  }
}

function refuseNamespace(): never {
  throw new Refusal('a module namespace', '', 'Send the values you need from it, or import the module there.');
}
