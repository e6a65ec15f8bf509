import { instant } from '../../clock.js';
import { shareCode } from '../../code.js';
import { program } from '../../memory/index.js';
import { binaryFile } from '../../platform/index.js';
import { endWithParent } from '../ending/exiting.js';
import { holdLifeline } from '../ending/orphans.js';
import { Demand, mostSpares } from './demand.js';
import { assertPreloadable, isPreloadable, preloadFailed, preloadSettings } from './preload.js';
import { Spare, type Callable, type SpareEnd } from './spare.js';
import { Strikes } from './strikes.js';
import { surroundings } from './surroundings.js';

/** How long after a start the next spare is started, in milliseconds: the caller has work to get going. */
const DELAY = 20;
/** How often spares that boot are looked after: at first, and at the most, in milliseconds. */
const LOOK = 10;
const SLOWEST_LOOK = 1000;
/** After so long without a start one spare fewer is kept, in milliseconds. */
const IDLE = 30_000;
/** How long the spares of a process that ends may take to die, in milliseconds; they take one or two. */
const PATIENCE = 500;

/** What a start wants of a spare. */
export interface Wanted {
  /** Whether a spare can be all that is asked for: no environment, options or output of its own. */
  readonly isPlain: boolean;
  /** A function that the process will need: its module is imported ahead. */
  readonly like?: Callable | undefined;
}

const spares = new Set<Spare>();
/** Those that have been killed and whose end has not been heard of. */
const leaving = new Set<Spare>();
const demand = new Demand();
let hasStocked = false;
let madeIn = '';
let madeWith = -1;
let timer: NodeJS.Timeout | undefined;
/** When it fires, on the clock of `instant`. */
let due = Infinity;
let shrinking: NodeJS.Timeout | undefined;
let look = LOOK;
const strikes = new Strikes();

/**
 * A spare for a start by the method `'forkserver'`, taken: the caller makes it a process; undefined if none is ready
 * that has imported the same as the process would. In either case the stock is filled in the background.
 *
 * Throws RuntimeError when the modules cannot be imported that `setForkserverPreload` demands.
 */
export function takeSpare({ isPlain, like }: Wanted): Spare | undefined {
  assertPreloadable();
  const flavour = demand.note(like);
  const spare = isPlain && isUpToDate() ? ready(flavour) : undefined;
  if (spare !== undefined) {
    spares.delete(spare);
    strikes.forgive(spare.flavour);
  } else if (isPlain && hasStocked) demand.grow();
  schedule(DELAY);
  return spare;
}

/** Whether a process started now would find what the spares have found; if not, they are no use any more. */
function isUpToDate(): boolean {
  const now = surroundings();
  const { revision } = preloadSettings();
  if (now === madeIn && revision === madeWith) return true;
  for (const spare of spares) dismiss(spare);
  madeIn = now;
  madeWith = revision;
  strikes.forgiveAll();
  return false;
}

/** One that has imported just that, or else nothing: never one that has imported what the process would not. */
function ready(flavour: string): Spare | undefined {
  for (const wish of new Set([flavour, '']))
    for (const spare of spares) if (spare.flavour === wish && spare.take()) return spare;
  return undefined;
}

function schedule(ms: number): void {
  const at = instant() + ms;
  if (at < due) {
    clearTimeout(timer);
    due = at;
    timer = setTimeout(() => {
      due = Infinity;
      fill();
    }, ms).unref();
  }
  if (demand.isGrown) shrinking ??= setTimeout(shrink, IDLE).unref();
}

/** Starts what is missing, a few at a time, and comes back as long as something is. */
function fill(): void {
  if (!isUpToDate()) look = LOOK;
  const goal = isPreloadable()
    ? demand.goal(preloadSettings().spares, each => strikes.isOut(each))
    : new Map<string, number>();
  for (const spare of spares) {
    const left = goal.get(spare.flavour) ?? 0;
    if (left > 0) goal.set(spare.flavour, left - 1);
    else dismiss(spare);
  }
  const missing = [...goal].flatMap(([flavour, count]) => Array<string>(count).fill(flavour));
  let booting = [...spares].filter(spare => !spare.isReady).length;
  for (const flavour of missing) {
    if (booting >= Math.max(1, mostSpares() / 2)) break;
    if (!start(flavour)) return;
    booting++;
    look = LOOK;
  }
  if (booting === 0) return;
  schedule(look);
  look = Math.min(look * 1.2, SLOWEST_LOOK);
}

/** False when the system refuses: starts go without spares, and the next one tries again. */
function start(flavour: string): boolean {
  endWithParent();
  holdLifeline();
  killAtExit();
  const settings = preloadSettings();
  try {
    const spare: Spare = new Spare(flavour, demand.exampleOf(flavour), settings, end => ended(spare, settings, end));
    spares.add(spare);
    hasStocked = true;
    shareCode(program().dir, binaryFile() ?? '');
    return true;
  } catch {
    return false;
  }
}

/** One that nobody has needed has ended. */
function ended(spare: Spare, settings: ReturnType<typeof preloadSettings>, { isKilled, report }: SpareEnd): void {
  if (leaving.delete(spare) || !spares.delete(spare)) return;
  if (report !== undefined && report.index >= 0 && !report.unguarded) {
    if (preloadSettings() === settings) preloadFailed(report.index, report.why);
  } else strikes.count(spare.flavour, { isKilled, isFinal: report !== undefined });
  schedule(strikes.pause(DELAY));
}

function dismiss(spare: Spare): void {
  spares.delete(spare);
  leaving.add(spare);
  spare.kill();
}

function shrink(): void {
  shrinking = undefined;
  demand.shrink();
  schedule(DELAY);
}

let isWatching = false;

function killAtExit(): void {
  if (isWatching) return;
  isWatching = true;
  // Before the program's folder goes, and before anybody counts who is left.
  process.prependListener('exit', () => {
    clearTimeout(timer);
    const deadline = instant() + PATIENCE;
    for (const spare of spares) dismiss(spare);
    for (const spare of leaving) spare.forget(deadline);
  });
}
