import { types } from 'node:util';
import { Refusal } from './refusal.js';
import { builtInNameOf } from './builtins.js';
import { locate } from './locate.js';

/** Node's classes whose instances are nothing but their own fields. */
const HARMLESS = new Set(['events.EventEmitter', 'events.EventEmitterAsyncResource']);

const RESOURCE = 'it is a resource that only this process holds';
const KNOWN: readonly {
  readonly test: (object: object) => boolean;
  readonly refusal: readonly [string, string, string];
}[] = [
  {
    test: types.isPromise,
    refusal: ['a Promise', 'its result is not there yet', 'Await it and send the result.'],
  },
  {
    test: object => types.isWeakMap(object) || types.isWeakSet(object),
    refusal: [
      'a WeakMap or WeakSet',
      'its entries cannot be listed',
      'Send a Map, a Set or an array of what is needed.',
    ],
  },
  {
    test: object => object instanceof WeakRef,
    refusal: ['a WeakRef', 'what it refers to may be gone', 'Send what deref() gives.'],
  },
  {
    test: types.isGeneratorObject,
    refusal: ['a generator', 'a running function cannot move', 'Send its values as an array: [...generator].'],
  },
  {
    test: object => types.isMapIterator(object) || types.isSetIterator(object),
    refusal: ['an iterator', 'a running iteration cannot move', 'Send its values as an array: [...iterator].'],
  },
  {
    test: types.isSharedArrayBuffer,
    refusal: [
      'a SharedArrayBuffer',
      'its memory is shared by the threads of one process only',
      "Send a copy of its bytes, or use this library's shared memory.",
    ],
  },
  {
    test: object => object instanceof AbortSignal || object instanceof AbortController,
    refusal: [
      'an AbortSignal or AbortController',
      'it fires in this process only',
      'Pass { signal } to the call that waits, or send an Event of this library.',
    ],
  },
  {
    test: object => types.isExternal(object) || types.isKeyObject(object) || types.isCryptoKey(object),
    refusal: ['a native handle or a key', RESOURCE, 'Send what is needed to make it there (for a key: its export).'],
  },
];

const refused = new Map<object, readonly [what: string, why: string, mend: string]>();

/**
 * Declares that instances of a class of this library (and of its subclasses) cannot be sent, in words that follow "it
 * is": `refuseInstances(Pool, 'a Pool', 'only its owner can use it', 'Send the tasks instead.')`.
 */
export function refuseInstances(Class: { readonly prototype: object }, what: string, why: string, mend: string): void {
  refused.set(Class.prototype, [what, why, mend]);
}

/** Throws the `Refusal` of objects that stand for something outside their own fields; returns for the others. */
export function refusalOfHostObject(object: object, prototype: object): void {
  for (const { test, refusal } of KNOWN) if (test(object)) throw new Refusal(...refusal);
  if (types.isProxy(object)) {
    throw new Refusal('a Proxy', 'its handler stays behind', 'Send what it stands for, as plain data.');
  }
  for (let at: object | null = prototype; at !== null; at = Object.getPrototypeOf(at) as object | null) {
    const refusal = refused.get(at);
    if (refusal !== undefined) throw new Refusal(...refusal);
    const constructor: unknown = Object.getOwnPropertyDescriptor(at, 'constructor')?.value;
    if (typeof constructor !== 'function' || at === Object.prototype) continue;
    const name = nodeClassName(constructor as () => unknown);
    if (name !== null && !HARMLESS.has(name)) refuseNodeClass(name, at === prototype);
    if (name === null && isNative(constructor)) refuseNativeClass(constructor.name, at === prototype);
  }
  refuseIterator(prototype);
  if (isBare(prototype)) refuseBare();
}

/** An object of shared memory, in a message to another program. */
export function refuseHandle(object: object): never {
  throw new Refusal(
    `a ${object.constructor.name}`,
    "it lives in this program's shared memory, which other programs do not have",
    'Send the values that the other program needs.',
  );
}

/** `net.Socket` for a class of Node's own, null for all others. */
function nodeClassName(constructor: () => unknown): string | null {
  const place = locate(constructor);
  if (place === null || !place.url.startsWith('node:')) return null;
  return builtInNameOf(constructor, place.url) ?? constructor.name;
}

/** Node's classes that hold data rather than something of the system, and how to get at it. */
const CONTENTS: Readonly<Record<string, string>> = {
  Blob: 'Send its bytes: await blob.arrayBuffer().',
  File: 'Send its name and its bytes: await file.arrayBuffer().',
  Headers: 'Send its entries: [...headers].',
  FormData: 'Send its entries: [...formData].',
  Stats: 'Send the fields that are needed: { ...stats }.',
};

function refuseNodeClass(exported: string, itself: boolean): never {
  const last = exported.slice(exported.lastIndexOf('.') + 1);
  // By the name people use: versions of Node differ in which of its modules export its globals, too.
  const name = last in globalThis ? last : exported;
  const what = itself ? `a ${name}` : `an instance of a subclass of ${name}`;
  const contents = CONTENTS[last];
  if (contents !== undefined) throw new Refusal(what, 'its contents are out of reach', contents);
  throw new Refusal(
    what,
    RESOURCE,
    'Send what is needed to open or make it there: a path, a host and port, the data itself.',
  );
}

/** A class of the engine or of Node's own C++; what the pickle knows of those was told from the others before. */
function isNative(constructor: object): boolean {
  return /^(function|class) [\w$]* *\([^)]*\) \{\s+\[native code\]\s+\}$/.test(
    Function.prototype.toString.call(constructor),
  );
}

function refuseNativeClass(name: string, itself: boolean): void {
  if (name === '' || name === 'Object' || /^bound /.test(name)) return;
  throw new Refusal(
    itself ? `an instance of the built-in class ${name}` : `an instance of a subclass of the built-in ${name}`,
    'its state is out of reach',
    'Send what is needed to make it there.',
  );
}

/** The engine's own iterators have no class of their own, only a tag. */
function refuseIterator(prototype: object): void {
  const tag: unknown = Reflect.get(prototype, Symbol.toStringTag);
  if (typeof tag !== 'string' || !/\bIterator\b/.test(tag) || Object.hasOwn(prototype, 'constructor')) return;
  throw new Refusal(`an iterator (${tag})`, 'a running iteration cannot move', 'Send its values as an array.');
}

/** No class at all, or one without a name whose prototype is of the engine's making (`process.env`). */
function isBare(prototype: object): boolean {
  const constructor: unknown = Reflect.get(prototype, 'constructor');
  if (typeof constructor !== 'function' || constructor === Object) return true;
  return constructor.name === '' && isNative(constructor);
}

function refuseBare(): never {
  throw new Refusal(
    'an object whose prototype is not that of a class',
    'no module can be named that has it',
    'Copy it into a plain object: { ...value }, or make it an instance of an exported class.',
  );
}
