/** Put in by the build, from package.json. */
declare const MANYCORE_CHECK_VERSION: string;

export const VERSION: string = MANYCORE_CHECK_VERSION;
