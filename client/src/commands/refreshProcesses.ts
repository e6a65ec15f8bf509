import type { Services } from '../services.js';

/** Looks at the process tables now. */
export const refreshProcesses = (services: Services) => () => services.tree.refresh();
