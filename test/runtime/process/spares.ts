import { readPrograms } from 'manycore/inspect';
import { until } from './support.js';

/** The pids of the spares of a process, this one unless told otherwise. */
export function sparesOf(parent = process.pid): number[] {
  return readPrograms()
    .flatMap(program => program.processes)
    .filter(each => each.state === 'spare' && each.parentPid === parent)
    .map(each => each.pid);
}

/** The pid of a spare, as soon as there is one; other than these. */
export async function spare(except: readonly number[] = []): Promise<number> {
  const others = (): number[] => sparesOf().filter(pid => !except.includes(pid));
  await until(() => others().length > 0, 'a spare is ready');
  return others()[0] ?? 0;
}
