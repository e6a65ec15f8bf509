import fs from 'node:fs';
import path from 'node:path';
import {
  at,
  build,
  common,
  disposeSymbols,
  esmWrapper,
  exportedNames,
  requiringWrapper,
  thirdParty,
} from './bundle.mjs';
import { forBundlers } from './forBundlers.mjs';
import { futures } from './futures.mjs';
import { command, parser, progressBar } from './parts.mjs';

/**
 * The runtime is one CommonJS file, library and child bootstrap in one: a child that booted from it and a user's
 * `import 'manycore'` must meet the same instance, whichever of `require` and `import` they use.
 */
export async function runtime() {
  await build({
    ...common,
    entryPoints: [at('runtime/src/main.ts')],
    outfile: at('runtime/dist/core.cjs'),
    banner: disposeSymbols,
    external: ['koffi'],
    minifySyntax: true,
    minifyWhitespace: true,
    // Node prints the line that threw above an uncaught error.
    lineLimit: 120,
  });
  lightInterop(at('runtime/dist/core.cjs'));
  await build({
    ...common,
    entryPoints: [at('runtime/src/loader.ts')],
    outfile: at('runtime/dist/runtime.cjs'),
    external: ['./core.cjs'],
    sourcemap: false,
  });
  await parser();
  await progressBar();
  await command();
  const names = await exportedNames('runtime/src/index.ts');
  fs.writeFileSync(at('runtime/dist/index.cjs'), `'use strict';\nmodule.exports = require('./runtime.cjs');\n`);
  fs.writeFileSync(at('runtime/dist/index.js'), requiringWrapper('runtime.cjs', names));
  await forBundlers(names);
  await build({
    ...common,
    entryPoints: [at('runtime/src/inspect/index.ts')],
    outfile: at('runtime/dist/inspect.cjs'),
  });
  fs.writeFileSync(
    at('runtime/dist/inspect.js'),
    esmWrapper('inspect.cjs', await exportedNames('runtime/src/inspect/index.ts')),
  );
  await futures();
  removeStaleTypes();
  for (const folder of ['.', 'inspect', 'futures']) typesForRequire(at('runtime/dist/types', folder));
  thirdParty(at('runtime/dist'));
}

/** The inner layers by name, for their tests and benches alone: never in one process with the library itself. */
export async function internals() {
  await parser();
  await build({
    ...common,
    entryPoints: [at('runtime/src/internals.ts')],
    outfile: at('runtime/dist/internals.cjs'),
    banner: disposeSymbols,
    external: ['koffi'],
    minifySyntax: true,
    keepNames: true,
  });
}

/**
 * For `import fs from 'node:fs'` the bundler makes an object with a getter for each of the module's names, which takes
 * three milliseconds of a child's start, and has Node load what it would load when it is first used. Here the object is
 * one whose default is the module. What stands in the helper's place is as long as the helper, for the source map.
 */
function lightInterop(file) {
  const code = fs.readFileSync(file, 'utf8');
  const helper = /\b__toESM=\(mod,isNodeMode,target\)=>\([^;]*?mod\)\)(?=[,;])/.exec(code)?.[0];
  if (helper === undefined) throw new Error(`${file}: the bundler's __toESM is not where it was`);
  const others = code.match(/__toESM\((?!require\("node:\w+"\),1\))/g);
  if (others !== null) throw new Error(`${file}: an import that is none of Node's own modules, or of all its names`);
  const light = '__toESM=mod=>({default:mod})';
  const [first = '', ...rest] = helper.split('\n');
  if (first.length < light.length) throw new Error(`${file}: the bundler's __toESM begins with a short line`);
  const inPlace = [light.padEnd(first.length), ...rest.map(line => ' '.repeat(line.length))].join('\n');
  fs.writeFileSync(
    file,
    code.replace(helper, () => inPlace),
  );
}

/** The declarations are the same for `require`; the compiler wants a file that says so, and minds where they come from. */
function typesForRequire(folder) {
  fs.mkdirSync(folder, { recursive: true });
  fs.writeFileSync(path.join(folder, 'index.d.cts'), `// @ts-ignore: both are there\nexport * from './index.js';\n`);
}

/** The compiler leaves the declarations of files that are no more, and they would be packed. */
function removeStaleTypes() {
  const types = at('runtime/dist/types');
  if (!fs.existsSync(types)) return;
  for (const file of fs.readdirSync(types, { recursive: true })) {
    const source = /^(.*)\.d\.ts(\.map)?$/.exec(file)?.[1];
    if (source !== undefined && !fs.existsSync(at('runtime/src', `${source}.ts`))) fs.rmSync(path.join(types, file));
  }
}
