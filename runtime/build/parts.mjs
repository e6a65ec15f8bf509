import { at, build, common } from './bundle.mjs';

/** A bundle of its own that nobody debugs. */
const part = (entry, outfile, more) =>
  build({
    ...{ ...common, entryPoints: [at('runtime/src', entry)], outfile: at('runtime/dist', outfile) },
    ...{ minify: true, sourcemap: false, ...more },
  });

/** The JavaScript parser that reads the sources of sent functions: loaded when first needed, so kept apart. */
export const parser = () => part('pickle/parser/index.ts', 'parser.cjs');

/** Progress on a terminal: loaded when the first bar is drawn. */
export const progressBar = () => part('pool/bar/index.ts', 'progressBar.cjs');

/** `npx manycore`: it reads what the library writes, and does not load it. */
export const command = () =>
  part('cli/main.ts', 'cli.cjs', {
    // What the WebSocket library takes along where it is installed.
    external: ['bufferutil', 'utf-8-validate'],
  });
