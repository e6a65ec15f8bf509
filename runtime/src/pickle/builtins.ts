import { userRequire } from './user-require.js';

type Callable = (...args: never[]) => unknown;

/** Modules of Node whose internals define what they export; the others define their exports in themselves. */
const PUBLIC = [
  'stream',
  'net',
  'http',
  'https',
  'tls',
  'fs',
  'fs/promises',
  'events',
  'child_process',
  'worker_threads',
];
const MORE = [
  'crypto',
  'zlib',
  'readline',
  'dgram',
  'timers',
  'timers/promises',
  'url',
  'util',
  'path',
  'os',
  'buffer',
];
const LAST = [
  'perf_hooks',
  'async_hooks',
  'assert',
  'string_decoder',
  'querystring',
  'vm',
  'v8',
  'dns',
  'diagnostics_channel',
];

/** `net.Socket` for what a module of Node exports, null for what none does. `url` is where the function is defined. */
export function builtInNameOf(fn: Callable, url: string): string | null {
  const own = url.replace(/^node:/, '');
  for (const id of [...(own.startsWith('internal/') ? [] : [own]), ...PUBLIC, ...MORE, ...LAST]) {
    const name = exportedBy(id, fn);
    if (name !== null) return `${id}.${name}`;
  }
  return null;
}

function exportedBy(id: string, fn: Callable): string | null {
  let exports: unknown;
  try {
    exports = userRequire()(`node:${id}`);
  } catch {
    return null;
  }
  if (typeof exports !== 'object' && typeof exports !== 'function') return null;
  for (const [name, { value }] of Object.entries(Object.getOwnPropertyDescriptors(exports)))
    if (value === fn) return name;
  return null;
}

/** The export of one of Node's modules, undefined where it has none of the name. */
export function builtInExport(url: string, name: string): unknown {
  const exports = userRequire()(url) as object;
  return Object.getOwnPropertyDescriptor(exports, name)?.value as unknown;
}

/** Global objects whose own functions are sent too: `Math.sqrt`, `JSON.stringify`, `Object.keys`. */
const HOLDERS = [
  'Math',
  'JSON',
  'Reflect',
  'Object',
  'Array',
  'Number',
  'String',
  'BigInt',
  'Date',
  'Buffer',
  'Symbol',
];
/** Never sent nor taken: they turn text into code. */
const NEVER = new Set(['eval', 'Function']);

let globals: Map<Callable, readonly [name: string, member: string]> | null = null;

/** Modules of Node whose functions only compute. */
const PURE_MODULES = new Set(['node:path', 'node:path/posix', 'node:path/win32', 'node:querystring', 'node:url']);
/** Globals whose own functions only compute. */
const PURE_HOLDERS = new Set(['Math', 'JSON', 'Number', 'String', 'BigInt', 'Array', 'Date']);
/** The language's own classes and functions, and three of the web's. */
const PURE_GLOBALS =
  /^(Object|Array|Number|String|Boolean|Symbol|BigInt|Date|RegExp|Map|Set|URL|URLSearchParams|DOMException|ArrayBuffer|DataView|\w+Array|\w*Error|parse(Int|Float)|is(NaN|Finite)|(en|de)codeURI(Component)?|structuredClone)$/;

/** Whether a function of one of Node's modules (`url` empty: a global one) only computes, whoever calls it with what. */
export function isPure(url: string, name: string, member: string): boolean {
  if (url !== '') return member === '' && PURE_MODULES.has(url);
  return member === '' ? PURE_GLOBALS.test(name) : PURE_HOLDERS.has(name);
}

/** The functions every process has: name and, below a global object, member. */
export function globalIndex(): ReadonlyMap<Callable, readonly [name: string, member: string]> {
  if (globals !== null) return globals;
  globals = new Map();
  for (const holder of HOLDERS) {
    const object: unknown = Reflect.get(globalThis, holder);
    for (const [member, fn] of functionsOf(object as object)) globals.set(fn, [holder, member]);
  }
  for (const [name, fn] of functionsOf(globalThis))
    if (!NEVER.has(name) && isEverywhere(name)) globals.set(fn, [name, '']);
  globals.delete(Function as unknown as Callable);
  return globals;
}

/** Node's own globals that a plain loop over the global object would show, as it shows what a program has put there. */
const SHOWN = /^(queueMicrotask|structuredClone|fetch|atob|btoa|(set|clear)(Timeout|Interval|Immediate))$/;

/** Whether every process has this global: a function that a script declares is one of its process alone. */
const isEverywhere = (name: string): boolean =>
  SHOWN.test(name) || !Object.prototype.propertyIsEnumerable.call(globalThis, name);

/** The own functions of an object; getters are left alone: some of Node's globals load whole subsystems. */
function functionsOf(object: object): [string, Callable][] {
  return Object.entries(Object.getOwnPropertyDescriptors(object)).flatMap(([name, { value }]) =>
    typeof value === 'function' ? [[name, value as Callable] as [string, Callable]] : [],
  );
}

export function globalFunction(name: string, member: string): Callable | undefined {
  for (const [fn, [itsName, itsMember]] of globalIndex()) if (itsName === name && itsMember === member) return fn;
  return undefined;
}
