import type { Services } from '../services.js';

/** Starts the language server anew. */
export const restartServer = (services: Services) => () => services.client.restart();
