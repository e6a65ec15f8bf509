// Builds every bundle of the product: `node esbuild.mjs [internals|runtime|server|client|tests|all]`.
import { build as esbuild } from 'esbuild';
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = path.dirname(fileURLToPath(import.meta.url));
const at = (...parts) => path.join(root, ...parts);
const common = {
  absWorkingDir: root,
  bundle: true,
  platform: 'node',
  target: 'node20',
  format: 'cjs',
  sourcemap: true,
  logLevel: 'warning',
};

/** The packages whose code went into each folder of bundles. */
const packagesIn = new Map();

async function build(options) {
  const result = await esbuild({ ...options, metafile: true });
  const folder = options.outdir ?? path.dirname(options.outfile);
  const packages = packagesIn.get(folder) ?? new Set();
  packagesIn.set(folder, packages);
  for (const { inputs } of Object.values(result.metafile.outputs))
    for (const [input, { bytesInOutput }] of Object.entries(inputs)) {
      const dir = /^.*node_modules\/(?:@[^/]+\/)?[^/]+(?=\/)/.exec(input)?.[0];
      if (dir !== undefined && bytesInOutput > 0) packages.add(dir);
    }
  return result;
}

/** Licences of bundled code ask for their text to go with it: it lies beside the bundles. */
function thirdParty(folder) {
  const notices = [...(packagesIn.get(folder) ?? [])].sort().map(dir => {
    const { name, version, license } = JSON.parse(fs.readFileSync(at(dir, 'package.json'), 'utf8'));
    const texts = fs.readdirSync(at(dir)).filter(file => /^(licen[cs]e|notice|thirdpartynotice)/i.test(file));
    if (texts.length === 0 && license === undefined) throw new Error(`${dir}: bundled without a licence`);
    const text = texts.map(file => fs.readFileSync(at(dir, file), 'utf8').trim()).join('\n\n');
    return `${name} ${version} (${license})\n\n${text}\n`;
  });
  const head = 'The bundles in this folder contain code of these packages.\n';
  fs.writeFileSync(path.join(folder, 'THIRD-PARTY.txt'), [head, ...notices].join(`\n${'-'.repeat(80)}\n\n`));
}

/** The names a module exports at run time, read from the finished CommonJS file: the wrappers list them for ESM. */
async function exportedNames(entry) {
  const result = await esbuild({
    ...common,
    entryPoints: [at(entry)],
    format: 'esm',
    write: false,
    metafile: true,
    sourcemap: false,
    outfile: 'names.js',
    packages: 'external',
  });
  const [output] = Object.values(result.metafile.outputs);
  return output.exports.filter(name => name !== 'default').sort();
}

/**
 * The library's ESM face. `import` of a CommonJS file has Node read it once more, in search of its exports, which takes
 * longer than all the rest of a child's start; `require` does not.
 */
const requiringWrapper = (file, names) =>
  `import { createRequire } from 'node:module';\nconst all = createRequire(import.meta.url)('./${file}');\n` +
  names.map(name => `export const ${name} = all.${name};`).join('\n') +
  '\n';

const esmWrapper = (file, names) =>
  `import all from './${file}';\n` + names.map(name => `export const ${name} = all.${name};`).join('\n') + '\n';

/** Node gained these symbols during version 20; what is emitted for `using` looks for the same ones. */
const disposeSymbols = {
  js: `for (const name of ['dispose', 'asyncDispose']) if (!(name in Symbol)) Object.defineProperty(Symbol, name, { value: Symbol.for('Symbol.' + name) });`,
};

/**
 * The runtime is one CommonJS file, library and child bootstrap in one: a child that booted from it and a user's
 * `import 'manycore'` must meet the same instance, whichever of `require` and `import` they use.
 */
async function runtime() {
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
  for (const folder of ['.', 'inspect', 'futures']) typesForRequire(at('runtime/dist/types', folder));
  thirdParty(at('runtime/dist'));
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

/**
 * `manycore/futures`, a layer above the library that is no part of its bundle: children never load it. What it imports of
 * the library it finds in the one that is loaded, so that both are one instance.
 */
async function futures() {
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

/**
 * What bundlers take in by the condition `module`: one ES module with everything inside, that finds out at run time which
 * file it has been put into. In a CommonJS bundle that is `__filename`, in an ES module `import.meta.url`.
 */
async function forBundlers(names) {
  await build({
    ...common,
    format: 'esm',
    outfile: at('runtime/dist/bundled.js'),
    stdin: {
      contents:
        `import { library, providePart } from './src/bundled.ts';\n` +
        `import * as parser from './dist/parser.cjs';\nimport * as progressBar from './dist/progressBar.cjs';\n` +
        `providePart('parser', parser);\nprovidePart('progressBar', progressBar);\n` +
        names.map(name => `export const ${name} = library.${name};`).join('\n'),
      resolveDir: at('runtime'),
    },
    banner: {
      js:
        `import { createRequire as manycoreRequireOf } from 'node:module';\n` +
        `import { dirname as manycoreFolderOf } from 'node:path';\n` +
        `import { fileURLToPath as manycorePathOf } from 'node:url';\n` +
        `const manycoreFile = typeof __filename === 'string' ? __filename : manycorePathOf(import.meta.url);\n` +
        `const manycoreFolder = manycoreFolderOf(manycoreFile);\n` +
        `const manycoreRequire = manycoreRequireOf(manycoreFile);\n` +
        disposeSymbols.js,
    },
    define: {
      MANYCORE_BUNDLED: 'true',
      __filename: 'manycoreFile',
      __dirname: 'manycoreFolder',
      require: 'manycoreRequire',
      module: 'undefined',
    },
    external: ['koffi'],
    minifySyntax: true,
    minifyWhitespace: true,
    lineLimit: 120,
    sourcemap: false,
  });
}

/** The declarations are the same for `require`; the compiler wants a file that says so, and minds where they come from. */
function typesForRequire(folder) {
  fs.mkdirSync(folder, { recursive: true });
  fs.writeFileSync(path.join(folder, 'index.d.cts'), `// @ts-ignore: both are there\nexport * from './index.js';\n`);
}

/** The JavaScript parser that reads the sources of sent functions: loaded when first needed, so kept apart. */
async function parser() {
  await build({
    ...common,
    entryPoints: [at('runtime/src/pickle/parser/index.ts')],
    outfile: at('runtime/dist/parser.cjs'),
    minify: true,
    sourcemap: false,
  });
}

/** Progress on a terminal: loaded when the first bar is drawn. */
async function progressBar() {
  await build({
    ...common,
    entryPoints: [at('runtime/src/pool/bar/index.ts')],
    outfile: at('runtime/dist/progressBar.cjs'),
    minify: true,
    sourcemap: false,
  });
}

/** `npx manycore`: it reads what the library writes, and does not load it. */
async function command() {
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

/** The inner layers by name, for their tests and benches alone: never in one process with the library itself. */
async function internals() {
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
 * The compiler is bundled once, apart from what uses it: the checker's three entries stay small, and `--help` or a
 * workspace without any program on the runtime never loads it.
 */
async function server() {
  const dist = at('server/dist');
  const compiler = '@ts-morph/common';
  const apart = {
    name: 'apart',
    setup({ onResolve, onLoad }) {
      onResolve({ filter: /^@ts-morph\/common$/ }, () => ({ path: './typescript.cjs', external: true }));
      onResolve({ filter: /^ts-morph$/, namespace: 'file' }, ({ kind }) =>
        kind === 'entry-point' ? undefined : { path: 'ts-morph', namespace: 'lazy' },
      );
      // Its wrappers serve the quick-fixes only: they are loaded when the first of their names is used.
      onLoad({ filter: /.*/, namespace: 'lazy' }, () => ({
        contents: ['Node', 'Project', 'SyntaxKind', 'ts']
          .map(
            name =>
              `Object.defineProperty(exports, '${name}', { enumerable: true, get: () => require('./morph.cjs').${name} });`,
          )
          .join('\n'),
      }));
      onResolve({ filter: /^\.\/morph\.cjs$/, namespace: 'lazy' }, () => ({ path: './morph.cjs', external: true }));
    },
  };
  const vendor = { ...common, minify: true, sourcemap: false };
  await build({ ...vendor, entryPoints: [compiler], outfile: path.join(dist, 'typescript.cjs') });
  await build({ ...vendor, entryPoints: ['ts-morph'], outfile: path.join(dist, 'morph.cjs'), plugins: [apart] });
  const entryPoints = {
    server: at('server/src/lsp/main.ts'),
    cli: at('server/src/cli.ts'),
    index: at('server/src/index.ts'),
    protocol: at('server/src/protocol.ts'),
  };
  const { version } = JSON.parse(fs.readFileSync(at('server/package.json'), 'utf8'));
  const define = { MANYCORE_CHECK_VERSION: JSON.stringify(version) };
  await build({ ...common, entryPoints, outdir: dist, outExtension: { '.js': '.cjs' }, plugins: [apart], define });
  // @ts-morph/common carries the compiler inside one file of its own, without its licence.
  packagesIn.get(dist).add('node_modules/typescript');
  thirdParty(dist);
}

async function client() {
  const entryPoints = {
    extension: at('client/src/extension.ts'),
    runner: at('client/src/run/runner.ts'),
    bundledLibrary: at('client/src/runtime/bundledLibrary.ts'),
  };
  await build({
    ...common,
    entryPoints,
    outdir: at('client/dist'),
    outExtension: { '.js': '.cjs' },
    external: ['vscode'],
    // From its source: the extension's bundle does not depend on what else has been built.
    alias: { 'manycore/inspect': at('runtime/src/inspect/index.ts') },
    minify: true,
    keepNames: true,
  });
  thirdParty(at('client/dist'));
}

function filesUnder(dir, wanted) {
  if (!fs.existsSync(at(dir))) return [];
  return fs
    .readdirSync(at(dir), { recursive: true, withFileTypes: true })
    .filter(entry => entry.isFile() && wanted(path.join(entry.parentPath, entry.name)))
    .map(entry => path.join(entry.parentPath, entry.name));
}

const isCommonJs = file => file.endsWith('.cts');

/** Tests and examples are transpiled file by file: functions that travel by reference need their own modules. */
async function tests() {
  const skip = /(^|\/)(dist|node_modules|fixtures\/rules|fixtures\/workspaces|extension)(\/|$)|\.d\.ts$/;
  const sources = filesUnder('test', file => /\.[cm]?ts$/.test(file) && !skip.test(path.relative(root, file)));
  const perFile = { ...common, bundle: false, format: 'esm', sourcemap: 'inline', target: 'node20' };
  const [commonJs, modules] = [sources.filter(isCommonJs), sources.filter(file => !isCommonJs(file))];
  const place = { outbase: at('test'), outdir: at('test/dist') };
  await build({ ...perFile, ...place, entryPoints: modules });
  await build({ ...perFile, ...place, format: 'cjs', entryPoints: commonJs, outExtension: { '.js': '.cjs' } });
  const examples = filesUnder('runtime/examples', file => file.endsWith('.ts') && !file.includes('node_modules'));
  await build({
    ...perFile,
    entryPoints: examples,
    outbase: at('runtime/examples'),
    outdir: at('test/dist/examples'),
  });
  const suite = filesUnder('test/extension', file => /(\.test|index)\.ts$/.test(file));
  await build({
    ...common,
    entryPoints: suite,
    outbase: at('test/extension'),
    outdir: at('test/dist/extension'),
    outExtension: { '.js': '.cjs' },
    external: ['vscode', 'mocha'],
  });
}

const parts = { internals, runtime, server, client, tests };
const asked = process.argv.slice(2);
for (const part of asked.length === 0 || asked.includes('all') ? Object.keys(parts) : asked) {
  if (!(part in parts)) throw new Error(`esbuild.mjs: no part '${part}'; it builds ${Object.keys(parts).join(', ')}`);
  await parts[part]();
}
