import { shareChildsCode } from '../../code.js';
import { joinProgram, program, selfSlot, whenInProgram } from '../../memory/index.js';
import { binaryFile } from '../../platform/index.js';
import { noteUntouched } from '../../userModules.js';
import { takeBootMessage, type BootHeader, type BootMessage } from './bootMessage.js';
import { becomeChild } from '../current.js';
import { openInspector } from './debugging.js';
import { takeAnyDebugPort } from './debugPort.js';
import { die } from '../ending/dying.js';
import { entryFor } from './entries.js';
import { endWithParent } from '../ending/exiting.js';
import { inheritLogSettings } from '../hooks.js';
import { importPreloads } from '../spares/importing.js';
import { CHILD_FLAG, LOCK_FD } from './launch.js';
import { watchOrphanhood } from '../ending/orphans.js';
import { keepOutputWhole } from '../output/output.js';
import { rememberParent } from '../parent.js';
import { inheritPreload } from '../spares/preload.js';
import { tell } from '../ending/report.js';
import { SPARE_ENTRY } from '../spares/spareReport.js';
import { waitToBeNeeded } from '../spares/spareSide.js';
import { inheritStartMethod } from '../startMethod.js';
import { titleOf } from './title.js';
import { asTarget, rememberSites, whileImporting } from '../unguarded.js';

whenInProgram(takeAnyDebugPort);

/** Exit code of a process whose work waits for something that can never come; Node's own for the same in a module. */
const UNSETTLED = 13;

/** Where in the arguments a child is told which one it is; undefined in any other process. */
export function childArguments(argv: readonly string[] = process.argv): { dir: string; slot: number } | undefined {
  const [, , flag, dir, slot] = argv;
  return flag === CHILD_FLAG && dir !== undefined && slot !== undefined ? { dir, slot: Number(slot) } : undefined;
}

/**
 * The life of a child: takes its place in the program, becomes who it is told to be, runs its entry, and stays until
 * its event loop is empty. Where the user's modules are being evaluated already, `evaluated` says when that is done.
 * A spare is told twice: what to import, and who it is once it is needed.
 */
export async function runChild(
  { dir, slot }: { dir: string; slot: number },
  evaluated?: Promise<unknown>,
): Promise<void> {
  if (evaluated === undefined) noteUntouched();
  let { header, payload } = joinFamily(dir, slot);
  let settled = false;
  process.on('beforeExit', () => {
    if (settled) return;
    tell(header.name, 'it ended while its work was still waiting, and nothing is left that could end the wait');
    process.exit(UNSETTLED);
  });
  process.on('uncaughtException', error => {
    // The user's own handler decides, if there is one.
    if (process.listenerCount('uncaughtException') === 1) die(header.name, error);
  });
  try {
    const { entry, preload } = header;
    if (entry === SPARE_ENTRY && preload !== undefined) {
      become(header);
      const speak = await waitToBeNeeded(preload, payload, evaluated);
      ({ header, payload } = takeBootMessage());
      takePart(header);
      rename(header.name);
      speak();
    } else {
      takePart(header);
      if (evaluated !== undefined) await whileImporting(() => evaluated);
      if (preload !== undefined) await importPreloads(preload);
    }
    await asTarget(() => entryFor(header.entry)(payload));
    settled = true;
  } catch (error) {
    die(header.name, error);
  }
}

/** Whatever kind of child it will be. */
function joinFamily(dir: string, slot: number): BootMessage {
  try {
    joinProgram(dir, slot, LOCK_FD);
  } catch (error) {
    // The main process has gone meanwhile, and the program's folder with it, or the parent: nobody is left to tell.
    if (error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ESRCH'))
      process.exit(1);
    throw error;
  }
  const message = takeBootMessage();
  const { header } = message;
  process.argv.splice(2, Infinity, ...header.argv);
  if (header.sourceMaps) process.setSourceMapsEnabled(true);
  keepOutputWhole();
  endWithParent();
  return message;
}

function become({ name, daemon, identity, authKey, parentName, preload }: BootHeader): void {
  becomeChild(name, daemon, identity, Buffer.from(authKey, 'hex'));
  rememberParent(parentName);
  inheritStartMethod(preload === undefined ? 'spawn' : 'forkserver');
  if (preload !== undefined) inheritPreload(preload);
}

/** From now on it is a process of the program like any other. */
function takePart(header: BootHeader): void {
  become(header);
  rememberSites(header.sites);
  inheritLogSettings(header.logSettings);
  openInspector(header.inspectorHost);
  watchOrphanhood(header.daemon);
  shareChildsCode(program().dir, binaryFile() ?? '');
  selfSlot.setState('running');
}

function rename(name: string): void {
  const title = titleOf(name);
  if (title !== undefined) process.title = title;
}
