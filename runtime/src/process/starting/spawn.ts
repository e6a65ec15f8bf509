import type { Writable } from 'node:stream';
import { shareCode } from '../../code.js';
import { AssertionError } from '../../errors.js';
import { collectUnderway, keepAlive, ownerWord, program, type ClaimedSlot } from '../../memory/index.js';
import { encodeToBuffer } from '../../pickle/index.js';
import { binaryFile } from '../../platform/index.js';
import { headerFor, takeBirthBack, writeBirth, type Birth } from './birth.js';
import { writeBootMessage } from './bootMessage.js';
import { Child, type ExitStatus } from '../children.js';
import { self } from '../current.js';
import { endWithParent } from '../ending/exiting.js';
import { assertCanBoot } from './frozen.js';
import { holdLifeline } from '../ending/orphans.js';
import { launchNode } from './launch.js';
import { preloadSettings } from '../spares/preload.js';
import { relayOutput } from '../output/relay.js';
import { Spare, type Callable } from '../spares/spare.js';
import type { StartMethod } from '../startMethod.js';
import { takeSpare } from '../spares/stock.js';
import { assertGuarded } from '../unguarded.js';

export type ChildStdio = 'inherit' | 'ignore' | 'pipe' | 'prefix' | Writable;

/** What it takes to start a process. */
export interface ChildSpec extends Birth {
  /** Counting numbers from the main process down; see `nextIdentity`. */
  readonly identity?: readonly number[];
  readonly startMethod: StartMethod;
  /** A function that the process will need before all: one that has its module imported already may serve. */
  readonly like?: Callable | undefined;
  /** `module` is a tag given to `registerEntry`; `payload` is anything that can be pickled, which messages call `root`. */
  readonly boot: { readonly module: string; readonly payload: unknown; readonly root?: string };
  readonly authKey?: Uint8Array | undefined;
  /** stdout and stderr of the child; stdin is never there. */
  readonly stdio?: ChildStdio | undefined;
  readonly execArgv?: readonly string[] | undefined;
  readonly env?: NodeJS.ProcessEnv | undefined;
  /** Called once the end of the process has been recorded. `signal` is null unless a signal killed it. */
  readonly onExit?: ((code: number | null, signal: NodeJS.Signals | null) => void) | undefined;
}

/**
 * Starts a process, synchronously: when this returns it runs and has a pid. Nothing is left behind when it throws.
 *
 * Throws AssertionError in a daemonic process, RuntimeError while a child imports its modules, PicklingError when the
 * payload cannot travel, OSError when the system refuses. By the method `'forkserver'` the process is a spare, if one is
 * there that will do.
 */
export function spawnChild(spec: ChildSpec): Child {
  assertMayHaveChildren();
  const sites = assertGuarded(self().name);
  assertCanBoot();
  const root = spec.boot.root ?? 'payload';
  const encodePayload = (value: unknown): Buffer => encodeToBuffer(value, { root });
  const { result: payload, references = [] } = collectUnderway('kept', encodePayload, spec.boot.payload);
  let place: Place | undefined;
  try {
    place = placeFor(spec);
    // If the process dies before it has read them, the ends of pipes among its arguments die with it.
    for (const reference of references) reference.boundFor(ownerWord(place.slot, place.generation));
    writeBirth(place.slot, spec);
    const preload = spec.startMethod === 'forkserver' ? preloadSettings() : undefined;
    writeBootMessage(place.slot, headerFor({ ...spec, entry: spec.boot.module, preload, sites }), payload);
    holdLifeline();
    const child = place instanceof Spare ? adoptSpare(place, spec) : startNode(place, spec);
    // The child may read them late or never: what it was given stays for as long as it lives.
    child.keep(keepAlive(references));
    if (spec.onExit !== undefined) void child.exited.then(notify(spec.onExit));
    endWithParent();
    shareCode(program().dir, binaryFile() ?? '');
    return child;
  } catch (error) {
    for (const reference of references) reference.sent(false);
    if (place instanceof Spare) place.giveUp();
    else if (place !== undefined) takeBirthBack(place.slot);
    throw error;
  } finally {
    // The child has it; the lock must go when the child does, not when we do.
    if (!(place instanceof Spare)) place?.lock.drop();
  }
}

/** Where the process will be: in a spare, which runs already, or in a slot that a new Node is to be started for. */
type Place = Spare | ClaimedSlot;

function placeFor({ startMethod, stdio = 'inherit', execArgv, env, like }: ChildSpec): Place {
  const isPlain = stdio === 'inherit' && execArgv === undefined && env === undefined;
  const spare = startMethod === 'forkserver' ? takeSpare({ isPlain, like }) : undefined;
  return spare ?? program().claimSlot();
}

const notify =
  (onExit: NonNullable<ChildSpec['onExit']>) =>
  ({ code, signal }: ExitStatus): void =>
    onExit(code, signal);

export function assertMayHaveChildren(): void {
  if (self().daemon) throw new AssertionError('daemonic processes are not allowed to have children');
}

function startNode(claimed: ClaimedSlot, spec: ChildSpec): Child {
  const to = spec.stdio ?? 'inherit';
  const isRelayed = typeof to === 'object' || to === 'prefix';
  const started = launchNode(claimed, { ...spec, output: isRelayed ? 'pipe' : to });
  const relays = isRelayed ? relayOutput(started, to, spec.name) : [];
  return new Child(started, started.pid, { ...claimed, name: spec.name, daemon: isServant(spec), relays });
}

function adoptSpare(spare: Spare, spec: ChildSpec): Child {
  const { process, slot, generation } = spare;
  process.ref();
  const child = new Child(process, process.pid, { name: spec.name, slot, generation, daemon: isServant(spec) });
  spare.wake();
  return child;
}

/** A pool's workers serve it and nobody else: they never keep the program running, also those that are no daemons. */
const isServant = ({ daemon, kind }: ChildSpec): boolean => daemon || kind === 'worker';
