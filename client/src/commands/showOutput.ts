import type { Services } from '../services.js';

/** Shows what the functions run by the code lens have printed. */
export const showOutput = (services: Services) => () => services.output.show(true);
