import type AsyncHooks from 'node:async_hooks';
import { fileURLToPath } from 'node:url';
import { callSites } from '../callSites.js';
import { RuntimeError } from '../errors.js';
import { isBundled, singleExecutable } from '../home.js';
import { asyncHooks, crypto, nodeModule } from '../lazyNode.js';

let importing = 0;
let ancestorSites: readonly string[] = [];
let thrown: RuntimeError | undefined;

/** The error of the first unguarded start of this process: what it then dies of is this, whatever it is wrapped in. */
export const unguardedStart = (): RuntimeError | undefined => thrown;

let lastWords: ((error: RuntimeError) => void) | undefined;

/** Who hears of it, instead of stderr, when this process dies of an unguarded start: a pool, all of whose workers do. */
export function onUnguardedDeath(tell: (error: RuntimeError) => void): void {
  lastWords = tell;
}

/** For who is about to end this process by an error: whether somebody has been told that it is an unguarded start. */
export function toldUnguarded(): boolean {
  if (thrown === undefined || lastWords === undefined) return false;
  lastWords(thrown);
  return true;
}

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
 * where this process, or an ancestor, was started. In a bundle no frame can be told to be ours: there the first sign is
 * that what runs is not the target, nor goes back to it, and the second that the whole stack is the same.
 */
export function assertGuarded(processName: string): readonly string[] {
  const { place, topLevel, calledByUs } = whoStarts();
  if (importing > 0 || (!calledByUs && place !== '' && ancestorSites.includes(place))) {
    thrown ??= new RuntimeError(explain(processName, topLevel));
    throw thrown;
  }
  return [place, ...ancestorSites];
}

/**
 * What to add when the start method is set a second time: a module that a child imports sets it at its top level, where
 * the child's has been set already. '' elsewhere. No unguarded start: who catches the error may go on.
 */
export function setUnguarded(): string {
  if (importing === 0) return '';
  const { topLevel } = whoStarts();
  return (
    `: ${topLevel === undefined ? 'a module' : shownPlace(topLevel)} sets the start method without a guard. This ` +
    `process only imports that module, to find the function it is to run.\n\n${adviceFor(topLevel)}`
  );
}

interface Starter {
  /** Where it is: the first frame outside this library. */
  readonly place: string;
  /** The frame that it was called from in the end: the line of the module that lacks a guard. */
  readonly topLevel: NodeJS.CallSite | undefined;
  /** Whether the library is below it, that is, runs a target. */
  readonly calledByUs: boolean;
}

function whoStarts(): Starter {
  const sites = callSites(whoStarts);
  const first = sites.findIndex(site => !isOurs(site) && !isNodes(site));
  if (first < 0) return { place: '', topLevel: undefined, calledByUs: true };
  const below = sites.slice(first);
  // Node's own frames end it: below them may be the module that loads this one.
  const end = below.findIndex(site => isOurs(site) || isNodes(site));
  const users = below.slice(0, end < 0 ? undefined : end).filter(site => typeof site.getFileName() === 'string');
  const place = isBundled ? wholeStack(below) : placeOf(sites[first]);
  const calledByUs = isBundled ? targets?.getStore() === true : below.some(isOurs);
  return { place, topLevel: users.at(-1) ?? below[0], calledByUs };
}

/** Set in what a bundled child does for its target, however many turns of the event loop later. */
let targets: AsyncHooks.AsyncLocalStorage<boolean> | undefined;

/** Runs what a child was started for. */
export function asTarget<T>(work: () => T): T {
  if (!isBundled) return work();
  targets = new (asyncHooks().AsyncLocalStorage)();
  return targets.run(true, work);
}

const isNodes = (site: NodeJS.CallSite): boolean => site.getFileName()?.startsWith('node:') === true;
const isOurs = (site: NodeJS.CallSite): boolean => !isBundled && site.getFileName() === __filename;

/**
 * The place outside this library from which it was called, as `path:line:column`; undefined when nobody can tell, as in
 * a bundle.
 */
export function placeOfCaller(): string | undefined {
  const site = isBundled ? undefined : callSites(placeOfCaller).find(each => !isOurs(each) && !isNodes(each));
  return site === undefined ? undefined : shownPlace(site);
}

const placeOf = (site: NodeJS.CallSite | undefined): string =>
  `${site?.getFileName() ?? ''}:${site?.getLineNumber() ?? 0}`;

function wholeStack(sites: readonly NodeJS.CallSite[]): string {
  const places = sites.filter(site => !isNodes(site)).map(site => `${placeOf(site)}:${site.getColumnNumber() ?? 0}`);
  return crypto().createHash('sha1').update(places.join('\n')).digest('hex');
}

function explain(processName: string, site: NodeJS.CallSite | undefined): string {
  const where = site === undefined ? 'A module' : shownPlace(site);
  return (
    `${where} starts a process without a guard. Process '${processName}' only imports that module, to find the ` +
    `function it is to run; it must not start processes of its own, which would do the same, without end.\n\n` +
    adviceFor(site)
  );
}

function adviceFor(site: NodeJS.CallSite | undefined): string {
  const isModule = site?.getFileName()?.startsWith('file:') ?? true;
  const isExecutable = singleExecutable() !== null;
  // What a bundler made of `import.meta` and `module`, isMain() knows.
  const byMeta = isModule || isBundled || isExecutable;
  const guard = byMeta ? 'if (isMain(import.meta)) {' : 'if (require.main === module) {';
  return (
    `Put what the program does when it is run under a guard:\n\n` +
    (byMeta ? `    import { ${isBundled ? 'freezeSupport, ' : ''}isMain } from 'manycore';\n\n` : '') +
    (isBundled ? `    freezeSupport();\n` : '') +
    (isExecutable ? `    // not require.main === module, which is true in its children, too\n` : '') +
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
