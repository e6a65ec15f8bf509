import { at, build, common } from './bundle.mjs';

/** The JavaScript parser that reads the sources of sent functions: loaded when first needed, so kept apart. */
export async function parser() {
  await build({
    ...common,
    entryPoints: [at('runtime/src/pickle/parser/index.ts')],
    outfile: at('runtime/dist/parser.cjs'),
    minify: true,
    sourcemap: false,
  });
}

/** Progress on a terminal: loaded when the first bar is drawn. */
export async function progressBar() {
  await build({
    ...common,
    entryPoints: [at('runtime/src/pool/bar/index.ts')],
    outfile: at('runtime/dist/progressBar.cjs'),
    minify: true,
    sourcemap: false,
  });
}

/** `npx manycore`: it reads what the library writes, and does not load it. */
export async function command() {
  await build({
    ...common,
    entryPoints: [at('runtime/src/cli/main.ts')],
    outfile: at('runtime/dist/cli.cjs'),
    // What the WebSocket library takes along where it is installed.
    external: ['bufferutil', 'utf-8-validate'],
    minify: true,
    sourcemap: false,
  });
}
