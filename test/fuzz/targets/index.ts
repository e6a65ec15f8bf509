import type { Target } from '../target.js';
import { memoryTargets } from './memory.js';
import { netTargets } from './net.js';
import { pickleTargets } from './pickle.js';
import { tableTargets } from './table.js';

/** Every decoder of the runtime, by name; each is made in the process that fuzzes it. */
export const targets: Readonly<Record<string, () => Target>> = {
  ...pickleTargets,
  ...netTargets,
  ...memoryTargets,
  ...tableTargets,
};
