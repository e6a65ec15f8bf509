import { types } from 'node:util';
import { OSError, PicklingError } from '../errors.js';
import { Limit, Refusal } from './refusal.js';
import { kindOf, type KindCode } from './kinds.js';
import { refuseHandle } from './unsendable.js';
import { referenceOf, type Callable } from './reference.js';

/** What `encode` was doing when it was stopped. */
export interface Attempt {
  readonly value: unknown;
  readonly root?: string | undefined;
  readonly foreign?: boolean | undefined;
  /** The object whose reduce hook was being served. */
  readonly reducing?: object | undefined;
}

/** Turns what stopped `encode` into the error for the caller, with the path to the culprit where it can be found. */
export function picklingError(error: unknown, attempt: Attempt): unknown {
  const { value, root = 'value', foreign = false, reducing } = attempt;
  if (error instanceof PicklingError) return error;
  // The system refused something on the way (no descriptor, no memory): the value is not to blame.
  if (error instanceof OSError || (error instanceof Error && 'syscall' in error)) return error;
  if (error instanceof RangeError && /call stack/i.test(error.message)) {
    const refusal = new Refusal(
      'nested too deeply for the stack',
      '',
      'Flatten it, for example a linked list into an array.',
    );
    return spell(refusal, root, root, foreign);
  }
  if (error instanceof Limit) return spell(error, root, root, foreign);
  const found = search(value, root, each => refusalOfOne(each, foreign)) ?? insideHook(error, value, root, reducing);
  if (found !== null) return spell(found.refusal, found.path, root, foreign);
  if (error instanceof Refusal) return spell(error, root, root, foreign);
  return new PicklingError(`cannot send ${root} to another ${receiver(foreign)}: ${String(error)}`, { cause: error });
}

const receiver = (foreign: boolean): string => (foreign ? 'program' : 'process');

function spell(refusal: Refusal, path: string, root: string, foreign: boolean): PicklingError {
  const why = refusal.why === '' ? '' : `: ${refusal.why}`;
  const isFunctionItself = path === root && /^(function|class|an arrow function) /.test(refusal.what);
  const subject = isFunctionItself ? refusal.what : path;
  const what = isFunctionItself ? why : `: it is ${refusal.what}${why}`;
  const cause = refusal.cause === undefined ? undefined : { cause: refusal.cause };
  const text = `cannot send ${subject} to another ${receiver(foreign)}${what}. ${refusal.mend}`;
  return new PicklingError(text.trimEnd(), cause);
}

/** Throws the `PicklingError` that sending the value would; its path starts with `root`. Runs no reduce hook. */
export function checkPicklable(value: unknown, root = 'value'): void {
  const found = search(value, root, each => refusalOfOne(each, false));
  if (found !== null) throw spell(found.refusal, found.path, root, false);
}

interface Found {
  readonly path: string;
  readonly refusal: Refusal;
}

const MAX_LOOKED_AT = 1_000_000;

/** What a reduce hook answers is not part of the value: its object is the place to name. */
function insideHook(error: unknown, value: unknown, root: string, reducing: object | undefined): Found | null {
  if (reducing === undefined || !(error instanceof Refusal)) return null;
  const what = `an object that travels as ${error.what}`;
  const refusal = new Refusal(what, error.why, error.mend);
  return search(value, root, each => (each === reducing ? refusal : null));
}

/** The first thing in the value that cannot travel, breadth first: the shortest path is the clearest. */
function search(value: unknown, root: string, refusalOf: (value: unknown) => Refusal | null): Found | null {
  const met = new Set<unknown>();
  const queue: { readonly path: string; readonly value: unknown }[] = [{ path: root, value }];
  for (let i = 0; i < queue.length && i < MAX_LOOKED_AT; i++) {
    const at = queue[i] as (typeof queue)[number]; // i < queue.length
    const refusal = refusalOf(at.value);
    if (refusal !== null) return { path: at.path, refusal };
    if (typeof at.value !== 'object' || at.value === null || met.has(at.value)) continue;
    met.add(at.value);
    try {
      for (const part of partsOf(at.value, at.path)) queue.push(part);
    } catch (error) {
      return { path: at.path, refusal: unreadable(at.value, error) };
    }
  }
  return null;
}

function refusalOfOne(value: unknown, foreign: boolean): Refusal | null {
  try {
    if (typeof value === 'function') referenceOf(value as Callable);
    else if (typeof value === 'symbol') refuseLocalSymbol(value);
    else if (typeof value === 'object' && value !== null) {
      const { code } = kindOf(value);
      if (code === 'handle' && foreign) refuseHandle(value);
      readContents(value, code);
    }
    return null;
  } catch (error) {
    return error instanceof Refusal ? error : unreadable(value, error);
  }
}

/** Does what the encoder does, to see whether it can: the object may only look like a built-in, or have lost its memory. */
function readContents(object: object, code: KindCode): void {
  switch (code) {
    case 'map':
      return void Map.prototype.has.call(object, 0);
    case 'set':
      return void Set.prototype.has.call(object, 0);
    case 'date':
      return void Date.prototype.getTime.call(object);
    case 'regexp':
      return void (object as RegExp).source;
    case 'buffer':
      return void new Uint8Array(object as ArrayBuffer);
    case 'view': {
      const { buffer } = object as ArrayBufferView;
      return void (types.isSharedArrayBuffer(buffer) ? kindOf(buffer) : new Uint8Array(buffer));
    }
    case 'boxed': {
      const primitive: unknown = object.valueOf();
      return typeof primitive === 'symbol' ? refuseLocalSymbol(primitive) : undefined;
    }
    case 'url':
      return void (object as URL).href;
    default:
      return;
  }
}

function refuseLocalSymbol(value: symbol): void {
  if (
    Symbol.keyFor(value) !== undefined ||
    Object.values(Object.getOwnPropertyDescriptors(Symbol)).some(p => p.value === value)
  )
    return;
  throw new Refusal(
    `a symbol (${value.toString()})`,
    'it exists in this process only',
    'Use Symbol.for(…), which is the same symbol in every process, or a string.',
  );
}

function unreadable(value: unknown, error: unknown): Refusal {
  const what = types.isProxy(value) ? 'a Proxy' : 'an object';
  return new Refusal(
    `${what} that cannot be read`,
    String(error).replace(/\.$/, ''),
    'Send a plain copy of what is needed.',
    {
      cause: error,
    },
  );
}

const mapForEach = Map.prototype.forEach as Map<unknown, unknown>['forEach'];
const setForEach = Set.prototype.forEach as Set<unknown>['forEach'];

type Part = { readonly path: string; readonly value: unknown };

function partsOf(object: object, path: string): Part[] {
  const { code } = kindOf(object);
  if (code === 'handle' || code === 'reduced' || code === 'view' || code === 'buffer') return [];
  const parts: Part[] = Object.keys(object).map(key => ({
    path: path + property(object, key),
    value: Reflect.get(object, key) as unknown,
  }));
  if (code === 'map') {
    mapForEach.call(object as Map<unknown, unknown>, (value, key) => {
      parts.push({ path: `a key of ${path}`, value: key }, { path: `${path}.get(${shortly(key)})`, value });
    });
  } else if (code === 'set') {
    setForEach.call(object as Set<unknown>, value => parts.push({ path: `an element of ${path}`, value }));
  } else if (code === 'error') {
    for (const key of ['cause', 'errors']) {
      if (Object.prototype.hasOwnProperty.call(object, key)) {
        parts.push({ path: `${path}.${key}`, value: Reflect.get(object, key) as unknown });
      }
    }
  }
  return parts;
}

function property(object: object, key: string): string {
  if (Array.isArray(object) && /^\d+$/.test(key)) return `[${key}]`;
  return /^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u.test(key) ? `.${key}` : `[${JSON.stringify(key)}]`;
}

function shortly(key: unknown): string {
  return typeof key === 'string' ? JSON.stringify(key) : typeof key === 'object' ? '…' : String(key);
}
