import { noteUntouched, shareChildsCode } from '../code.js';
import { joinProgram, selfSlot } from '../memory/index.js';
import { binaryFile } from '../platform/index.js';
import { takeBootMessage, type BootHeader } from './bootMessage.js';
import { becomeChild } from './current.js';
import { die } from './dying.js';
import { entryFor } from './entries.js';
import { endWithParent } from './exiting.js';
import { inheritLogSettings } from './hooks.js';
import { CHILD_FLAG, LOCK_FD } from './launch.js';
import { watchOrphanhood } from './orphans.js';
import { keepOutputWhole } from './output.js';
import { rememberParent } from './parent.js';
import { tell } from './report.js';
import { asTarget, rememberSites, whileImporting } from './unguarded.js';

/** Exit code of a process whose work waits for something that can never come; Node's own for the same in a module. */
const UNSETTLED = 13;

/** Where Node opens a process's inspector when nobody said otherwise. */
const USUAL_DEBUG_PORT = 9229;

/** Where in the arguments a child is told which one it is; undefined in any other process. */
export function childArguments(argv: readonly string[] = process.argv): { dir: string; slot: number } | undefined {
  const [, , flag, dir, slot] = argv;
  return flag === CHILD_FLAG && dir !== undefined && slot !== undefined ? { dir, slot: Number(slot) } : undefined;
}

/**
 * The life of a child: takes its place in the program, becomes who it is told to be, runs its entry, and stays until
 * its event loop is empty. Where the user's modules are being evaluated already, `evaluated` says when that is done.
 */
export async function runChild(
  { dir, slot }: { dir: string; slot: number },
  evaluated?: Promise<unknown>,
): Promise<void> {
  if (evaluated === undefined) noteUntouched();
  const header = joinFamily(dir, slot);
  let settled = false;
  process.on('beforeExit', () => {
    if (settled) return;
    tell(header.name, 'it ended while its work was still waiting, and nothing is left that could end the wait');
    process.exit(UNSETTLED);
  });
  try {
    if (evaluated !== undefined) await whileImporting(() => evaluated);
    await asTarget(() => entryFor(header.entry)(payloadOf.get(header) ?? new Uint8Array()));
    settled = true;
  } catch (error) {
    die(header.name, error);
  }
}

const payloadOf = new WeakMap<BootHeader, Uint8Array>();

function joinFamily(dir: string, slot: number): BootHeader {
  try {
    joinProgram(dir, slot, LOCK_FD);
  } catch (error) {
    // The main process has gone meanwhile, and the program's folder with it, or the parent: nobody is left to tell.
    if (error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ESRCH'))
      process.exit(1);
    throw error;
  }
  const { header, payload } = takeBootMessage();
  payloadOf.set(header, payload);
  process.argv.splice(2, Infinity, ...header.argv);
  if (header.sourceMaps) process.setSourceMapsEnabled(true);
  becomeChild(header.name, header.daemon, header.identity, Buffer.from(header.authKey, 'hex'));
  rememberParent(header.parentName);
  rememberSites(header.sites);
  inheritLogSettings(header.logSettings);
  // Whoever opens its inspector with SIGUSR1: not on the one port that all others would want too.
  if (process.debugPort === USUAL_DEBUG_PORT) process.debugPort = 0;
  keepOutputWhole();
  endWithParent();
  watchOrphanhood(header.daemon);
  process.on('uncaughtException', error => {
    // The user's own handler decides, if there is one.
    if (process.listenerCount('uncaughtException') === 1) die(header.name, error);
  });
  shareChildsCode(dir, binaryFile() ?? '');
  selfSlot.setState('running');
  return header;
}
