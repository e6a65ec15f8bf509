// Builds every bundle of the product: `node esbuild.mjs [internals|runtime|server|client|tests|all]`.
import fs from 'node:fs';
import path from 'node:path';
import { at, build, common, packagesIn, root, thirdParty } from './runtime/build/bundle.mjs';
import { internals, runtime } from './runtime/build/library.mjs';

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
