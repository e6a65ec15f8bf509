import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { types } from 'node:util';
import { Refusal } from './refusal.js';
import { builtInNameOf } from './builtins.js';
import { locate, type Place } from './locate.js';
import { makeReference, type Callable, type Reference } from './reference.js';
import { judge, wrapped, type Verdict } from './source.js';
import { addWitness } from './witness.js';
import { originalPlace } from './source-map.js';
import { userRequire } from './user-require.js';

/**
 * Finds the module and the export that a function or class is, and proves it as far as can be proved without running
 * anything: a CommonJS module's exports are compared, an ES module's source is read. Throws a `Refusal` with the reason.
 */
export function findReference(fn: Callable): Reference {
  const place = locateOrExplain(fn);
  if (place.url.startsWith('node:')) return nodeReference(fn, place);
  if (isOurs(place.url)) {
    throw new Refusal(
      titleOf(fn),
      'it belongs to this library and to the process that made it',
      'Send what is needed to make it there; queues, ends of pipes, locks and their like can be sent.',
    );
  }
  if (path.isAbsolute(place.url)) {
    // A file's name, no URL: a test runner compiled it by itself (in Node, a module's script has a URL).
    const { reason, mend } = wrapped(fn.name);
    throw new Refusal(`${titleOf(fn)} (${showPlace(place)})`, reason, mend);
  }
  if (!place.url.startsWith('file:') || COMMAND_LINE.test(place.url)) {
    throw new Refusal(
      titleOf(fn),
      place.url === '' || !place.url.includes(':') || COMMAND_LINE.test(place.url)
        ? 'it was made by eval, the REPL or a command line, not by a module'
        : `its module (${place.url}) is no file`,
      'Put it into a file, at the top level, and export it.',
    );
  }
  return cjsReference(fn, place) ?? esmReference(fn, place);
}

/** What Node calls a module from the command line or from stdin: it lies in the current folder, where there is no such file. */
const COMMAND_LINE = /\/\[eval\d+\]$/;

/** Whether it is the library's own file; one that a bundler has made is the user's as well. */
function isOurs(url: string): boolean {
  return path.basename(__filename) === 'core.cjs' && (url === __filename || url === pathToFileURL(__filename).href);
}

/** `function 'work'`, `class 'Task'`, `an arrow function`. */
export function titleOf(fn: Callable): string {
  const text = Function.prototype.toString.call(fn);
  const isClass = /^class\b/.test(text);
  const name = typeof fn.name === 'string' ? fn.name : '';
  if (name !== '') return `${isClass ? 'class' : 'function'} '${name}'`;
  if (isClass) return 'a class without a name';
  return /^(async\s+)?function\b/.test(text) ? 'a function without a name' : 'an arrow function';
}

function locateOrExplain(fn: Callable): Place {
  let place: Place | null;
  try {
    place = locate(fn);
  } catch (error) {
    throw new Refusal(
      titleOf(fn),
      `its module cannot be looked up, since this process may not use the inspector (${String(error)})`,
      'Register it by hand at the top level of its module: expose(import.meta, { name }).',
      { cause: error },
    );
  }
  if (place !== null) return place;
  if (/^bound /.test(fn.name)) {
    throw new Refusal(
      titleOf(fn),
      'a bound function keeps its object and arguments in this process',
      'Send the object as an argument of an exported function that calls the method.',
    );
  }
  throw new Refusal(
    titleOf(fn),
    'it is a native function or a Proxy, which no module exports',
    'Write an exported function that calls it.',
  );
}

function nodeReference(fn: Callable, place: Place): Reference {
  const found = builtInNameOf(fn, place.url);
  if (found === null) {
    throw new Refusal(
      `${titleOf(fn)} of Node`,
      'it is internal to Node, no module exports it',
      'Write an exported function that calls it.',
    );
  }
  const dot = found.lastIndexOf('.');
  return makeReference('node', `node:${found.slice(0, dot)}`, found.slice(dot + 1));
}

function cjsReference(fn: Callable, place: Place): Reference | null {
  let file: string;
  try {
    file = fileURLToPath(place.url);
  } catch {
    return null;
  }
  const module = userRequire().cache[file];
  if (module === undefined) return null;
  if (types.isModuleNamespaceObject(module.exports)) return null; // an ES module that was required
  const names = nameAmong(module.exports, fn);
  if (names !== null) return makeReference('cjs', place.url, ...names, showPlace(place));
  const verdict = judge(fn, place);
  if (verdict.isModule) return null;
  throw refusalOf(fn, place, verdict.local === '' ? verdict : { ...verdict, ...notExported(verdict) });
}

function notExported(verdict: Verdict): Pick<Verdict, 'reason' | 'mend'> {
  return {
    reason: 'its module does not export it',
    mend: `Add '${verdict.local}' to module.exports.`,
  };
}

/** The export that is this function, or the exported class or object that has it as a property. */
function nameAmong(exports: unknown, fn: Callable): [name: string, member: string] | null {
  if (exports === fn) return ['module.exports', ''];
  if (!isHolder(exports)) return null;
  const names = Object.getOwnPropertyNames(exports);
  for (const name of names) if (read(exports, name) === fn) return [name, ''];
  for (const name of names) {
    const holder = read(exports, name);
    if (!isHolder(holder) || name === 'prototype') continue;
    for (const member of Object.getOwnPropertyNames(holder)) {
      if (Object.getOwnPropertyDescriptor(holder, member)?.value === fn && member !== 'constructor')
        return [name, member];
    }
  }
  return null;
}

function isHolder(value: unknown): value is object {
  return (typeof value === 'object' && value !== null) || typeof value === 'function';
}

/** Transpilers export through getters, which may throw while the module is still being evaluated. */
function read(object: object, name: string): unknown {
  try {
    return Reflect.get(object, name) as unknown;
  } catch {
    return undefined;
  }
}

function esmReference(fn: Callable, place: Place): Reference {
  const verdict = judge(fn, place);
  if (verdict.reason !== '') throw refusalOf(fn, place, verdict);
  addWitness(place.url, fn, place.scriptId);
  return makeReference('esm', place.url, verdict.name, verdict.member, showPlace(place));
}

function refusalOf(fn: Callable, place: Place, verdict: Verdict): Refusal {
  const title = verdict.local !== '' && fn.name === '' ? `function '${verdict.local}'` : titleOf(fn);
  const at = { ...place, line: verdict.line ?? place.line, column: verdict.column ?? place.column };
  return new Refusal(`${title} (${showPlace(at)})`, verdict.reason, verdict.mend);
}

/** `/a/b.ts:12:3`, lines and columns counted from 1, of the file as it was written. */
function showPlace(place: Place): string {
  const { url, line, column } = originalPlace(place);
  return `${url.startsWith('file:') ? fileURLToPath(url) : url}:${line + 1}:${column + 1}`;
}
