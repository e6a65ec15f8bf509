import { readPrograms } from 'manycore/inspect';
import type { ProcessPoolExecutor } from 'manycore/futures';

/** The pids of an executor's living workers, from the process table. */
export function workersOf(executor: ProcessPoolExecutor): number[] {
  const program = readPrograms().find(each => each.mainPid === process.pid);
  const pool = program?.pools.find(each => each.name === executor.name && each.ownerSlot === 0);
  return (program?.processes ?? [])
    .filter(each => each.poolId === pool?.id && each.kind === 'worker' && each.exitCode === null)
    .map(each => each.pid);
}

/** From now on no process can be started: the program for it is not there. */
export function noNewProcesses(): Disposable {
  const { execPath } = process;
  Object.defineProperty(process, 'execPath', { configurable: true, value: '/nowhere/node' });
  return {
    [Symbol.dispose]: () => Object.defineProperty(process, 'execPath', { configurable: true, value: execPath }),
  };
}
