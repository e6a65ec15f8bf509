import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { singleExecutable } from './home.js';

const DEEPEST = 100;

/** Where the code is that has called, innermost first, from the caller of `below` on. */
export function callSites(below: (...args: never[]) => unknown): NodeJS.CallSite[] {
  const { prepareStackTrace, stackTraceLimit } = Error;
  const holder: { stack?: unknown } = {};
  try {
    Error.stackTraceLimit = DEEPEST;
    Error.prepareStackTrace = (_error, sites) => sites;
    Error.captureStackTrace(holder, below);
    return Array.isArray(holder.stack) ? (holder.stack as NodeJS.CallSite[]) : [];
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
    if (prepareStackTrace === undefined) Reflect.deleteProperty(Error, 'prepareStackTrace');
    else Error.prepareStackTrace = prepareStackTrace;
  }
}

/**
 * The URL of the file that calls `callee`; undefined if no file does: `eval`, the REPL, a command line. What is inside a
 * single executable has that for its file.
 */
export function callerUrl(callee: (...args: never[]) => unknown): string | undefined {
  if (singleExecutable() !== null) return pathToFileURL(process.execPath).href;
  const file = callSites(callee)[0]?.getFileName();
  if (file === undefined || file === null) return undefined;
  if (file.startsWith('file:')) return file;
  return path.isAbsolute(file) ? pathToFileURL(file).href : undefined;
}

/**
 * The URL of the module that `meta` belongs to: `import.meta`, or CommonJS's `module`. Bundlers that make CommonJS leave
 * an empty object of the one and a plain one of the other; then it is the file that calls `callee`.
 */
export function moduleUrl(meta: ImportMeta | NodeModule, callee: (...args: never[]) => unknown): string | undefined {
  if ('url' in meta && typeof meta.url === 'string') return meta.url;
  if ('filename' in meta && typeof meta.filename === 'string') return pathToFileURL(meta.filename).href;
  return callerUrl(callee);
}
