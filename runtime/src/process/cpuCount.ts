import { os } from '../lazyNode.js';
import { cpuQuota } from '../platform/cgroup.js';

/** How many logical processors the machine has (Python: `multiprocessing.cpu_count`); a pool asks how many it may use. */
export const cpuCount = (): number => os().cpus().length;

/**
 * How many processors this process may use (Python: `os.process_cpu_count`), and so the default size of a pool: as many
 * as the system lets it run on, and no more than its control group pays for, a part of one counting as one; at least 1.
 */
export const processCpuCount = (): number => usableCpus(os().availableParallelism(), cpuQuota());

export const usableCpus = (available: number, quota: number): number =>
  Math.max(1, Math.min(available, Math.ceil(quota)));
