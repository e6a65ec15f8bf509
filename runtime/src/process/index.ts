export { activeChildren } from './active.js';
export { childArguments, runChild } from './starting/bootstrap.js';
export { Child, type ExitStatus } from './children.js';
export { cpuCount, processCpuCount } from './cpuCount.js';
export { currentProcess } from './childSide.js';
export { isChildProcess, self, type CurrentProcess } from './current.js';
export { registerEntry, type Entry } from './starting/entries.js';
export { setExecutable } from './starting/executable.js';
export { endWithParent } from './ending/exiting.js';
export { Finalize, type FinalizeOptions } from './ending/finalize.js';
export { bootFromBundle } from './starting/bundleBoot.js';
export { freezeSupport } from './starting/frozen.js';
export { setLogHook, type LogHook } from './hooks.js';
export { isMain } from './isMain.js';
export { checkStart, type ProcessOptions, type Target } from './options.js';
export { dieWithParent } from './ending/orphans.js';
export { parentProcess, type ParentProcess } from './parent.js';
export { setForkserverPreload, type ForkserverPreloadOptions } from './spares/preload.js';
export { adopt, Process } from './process.js';
export { ForkServerProcess, SpawnProcess } from './contextProcesses.js';
export { usersStack } from './ending/report.js';
export type { Sentinel } from './sentinel.js';
export { assertMayHaveChildren, spawnChild, type ChildSpec, type ChildStdio } from './starting/spawn.js';
export {
  checkStartMethod,
  getAllStartMethods,
  getStartMethod,
  setStartMethod,
  settleStartMethod,
  type StartMethod,
} from './startMethod.js';
export { assertGuarded, onUnguardedDeath, placeOfCaller, unguardedStart, whileImporting } from './unguarded.js';
