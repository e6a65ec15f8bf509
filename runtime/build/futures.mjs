import fs from 'node:fs';
import path from 'node:path';
import { at, build, common, exportedNames, requiringWrapper } from './bundle.mjs';

/**
 * `manycore/futures`, a layer above the library that is no part of its bundle: children never load it. What it imports of
 * the library it finds in the one that is loaded, so that both are one instance.
 */
export async function futures() {
  const main = './runtime.cjs';
  await futuresOn(
    { format: 'cjs', outfile: at('runtime/dist/futures.cjs') },
    {
      errors: `module.exports = require('${main}');`,
      ground: `module.exports = require('${main}')[Symbol.for('manycore.ground')];`,
    },
  );
  const names = await exportedNames('runtime/src/futures/index.ts');
  fs.writeFileSync(at('runtime/dist/futures.js'), requiringWrapper('futures.cjs', names));
  const { version } = JSON.parse(fs.readFileSync(at('runtime/package.json'), 'utf8'));
  const registry = `globalThis[Symbol.for('manycore@${version}')]`;
  await futuresOn(
    { format: 'esm', outfile: at('runtime/dist/bundledFutures.js'), sourcemap: false },
    {
      errors: `export * from './bundled.js';`,
      // The import of the errors has the library loaded before this is.
      ground: `module.exports = ${registry}[Symbol.for('manycore.ground')];`,
    },
  );
}

async function futuresOn(form, library) {
  const loaded = {
    name: 'loaded',
    setup({ onResolve, onLoad }) {
      onResolve({ filter: /^\.\.\/(errors|pool\/ground)\.js$/ }, ({ path: file }) => ({
        path: path.basename(file, '.js'),
        namespace: 'library',
      }));
      onLoad({ filter: /.*/, namespace: 'library' }, ({ path: name }) => ({ contents: library[name] }));
      onResolve({ filter: /.*/, namespace: 'library' }, ({ path: file }) => ({ path: file, external: true }));
    },
  };
  const { metafile } = await build({
    ...common,
    ...form,
    entryPoints: [at('runtime/src/futures/index.ts')],
    plugins: [loaded],
    minifySyntax: true,
    keepNames: true,
  });
  const own = /^(library:|runtime\/src\/(futures\/|optionNames\.ts$|sync\/aborted\.ts$))/;
  const copied = Object.keys(metafile.inputs).filter(file => !own.test(file));
  if (copied.length > 0) throw new Error(`${form.outfile} would bring a copy of ${copied.join(', ')}`);
}
