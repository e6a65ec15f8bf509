import { fileURLToPath } from 'node:url';
import { RuntimeError } from '../errors.js';
import { nodeModule } from '../lazyNode.js';

const DEEPEST = 100;

let importing = 0;
let ancestorSites: readonly string[] = [];
let thrown: RuntimeError | undefined;

/** The error of the first unguarded start of this process: what it then dies of is this, whatever it is wrapped in. */
export const unguardedStart = (): RuntimeError | undefined => thrown;

/** For the child's bootstrap: the places this process and its ancestors were started at. */
export function rememberSites(sites: readonly string[]): void {
  ancestorSites = sites;
}

/**
 * Runs what may import modules of the user's. A child imports them only to find functions in them; code in them that
 * starts processes would start them in every process, without end, so until `work` is done starting one is an error.
 */
export async function whileImporting<T>(work: () => Promise<T>): Promise<T> {
  importing++;
  try {
    return await work();
  } finally {
    importing--;
  }
}

/**
 * Throws RuntimeError if the caller is a module's own code that runs because a child imports it. Answers the places
 * to hand on to a new child. Besides the plain case, a module may have waited for something before it starts a
 * process, when the import is over: then nothing of this library is below it on the stack, and the place is one
 * where this process, or an ancestor, was started.
 */
export function assertGuarded(processName: string): readonly string[] {
  const { site, topLevel, calledByUs } = whoStarts();
  const place = site === undefined ? '' : placeOf(site);
  if (importing > 0 || (!calledByUs && place !== '' && ancestorSites.includes(place))) {
    thrown ??= new RuntimeError(explain(processName, topLevel));
    throw thrown;
  }
  return [place, ...ancestorSites];
}

interface Starter {
  /** The first frame outside this library. */
  readonly site: NodeJS.CallSite | undefined;
  /** The frame that it was called from in the end: the line of the module that lacks a guard. */
  readonly topLevel: NodeJS.CallSite | undefined;
  /** Whether the library is below it, that is, runs a target. */
  readonly calledByUs: boolean;
}

function whoStarts(): Starter {
  const sites = callSites();
  const first = sites.findIndex(site => !isOurs(site) && !isNodes(site));
  if (first < 0) return { site: undefined, topLevel: undefined, calledByUs: true };
  const below = sites.slice(first);
  // Node's own frames end it: below them may be the module that loads this one.
  const end = below.findIndex(site => isOurs(site) || isNodes(site));
  const users = below.slice(0, end < 0 ? undefined : end).filter(site => typeof site.getFileName() === 'string');
  return { site: below[0], topLevel: users.at(-1) ?? below[0], calledByUs: below.some(isOurs) };
}

const isNodes = (site: NodeJS.CallSite): boolean => site.getFileName()?.startsWith('node:') === true;
const isOurs = (site: NodeJS.CallSite): boolean => site.getFileName() === __filename;

/** The place outside this library from which it was called, as `path:line:column`; undefined when nobody can tell. */
export function placeOfCaller(): string | undefined {
  const site = callSites().find(each => !isOurs(each) && !isNodes(each));
  return site === undefined ? undefined : shownPlace(site);
}

function callSites(): NodeJS.CallSite[] {
  const { prepareStackTrace, stackTraceLimit } = Error;
  const holder: { stack?: unknown } = {};
  try {
    Error.stackTraceLimit = DEEPEST;
    Error.prepareStackTrace = (_error, sites) => sites;
    Error.captureStackTrace(holder, callSites);
    return Array.isArray(holder.stack) ? (holder.stack as NodeJS.CallSite[]) : [];
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
    if (prepareStackTrace === undefined) Reflect.deleteProperty(Error, 'prepareStackTrace');
    else Error.prepareStackTrace = prepareStackTrace;
  }
}

const placeOf = (site: NodeJS.CallSite): string => `${site.getFileName() ?? ''}:${site.getLineNumber() ?? 0}`;

function explain(processName: string, site: NodeJS.CallSite | undefined): string {
  const where = site === undefined ? 'A module' : shownPlace(site);
  const isModule = site?.getFileName()?.startsWith('file:') ?? true;
  const guard = isModule ? 'if (isMain(import.meta)) {' : 'if (require.main === module) {';
  return (
    `${where} starts a process without a guard. Process '${processName}' only imports that module, to find the ` +
    `function it is to run; it must not start processes of its own, which would do the same, without end.\n\n` +
    `Put what the program does when it is run under a guard:\n\n` +
    (isModule ? `    import { isMain } from 'manycore';\n\n` : '') +
    `    ${guard}\n      // start processes here\n    }\n`
  );
}

/** File and line as the user wrote them: through the source map, if Node was asked to keep those. */
function shownPlace(site: NodeJS.CallSite): string {
  const file = site.getFileName() ?? '';
  const line = site.getLineNumber() ?? 1;
  const column = site.getColumnNumber() ?? 1;
  const path = file.startsWith('file:') ? fileURLToPath(file) : file;
  const original = nodeModule()
    .findSourceMap(path)
    ?.findEntry(line - 1, column - 1);
  if (original === undefined || !('originalSource' in original)) return `${path}:${line}:${column}`;
  const source = original.originalSource;
  const shown = source.startsWith('file:') ? fileURLToPath(source) : source;
  return `${shown}:${original.originalLine + 1}:${original.originalColumn + 1}`;
}
