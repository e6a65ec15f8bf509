// How every bundle of the product is made, here and in /esbuild.mjs.
import { build as esbuild } from 'esbuild';
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = path.join(path.dirname(fileURLToPath(import.meta.url)), '../..');
export const at = (...parts) => path.join(root, ...parts);
export const common = {
  absWorkingDir: root,
  bundle: true,
  platform: 'node',
  target: 'node20',
  format: 'cjs',
  sourcemap: true,
  logLevel: 'warning',
};

/** The packages whose code went into each folder of bundles. */
export const packagesIn = new Map();

export async function build(options) {
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
export function thirdParty(folder) {
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
export async function exportedNames(entry) {
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
export const requiringWrapper = (file, names) =>
  `import { createRequire } from 'node:module';\nconst all = createRequire(import.meta.url)('./${file}');\n` +
  names.map(name => `export const ${name} = all.${name};`).join('\n') +
  '\n';

export const esmWrapper = (file, names) =>
  `import all from './${file}';\n` + names.map(name => `export const ${name} = all.${name};`).join('\n') + '\n';

/** Node gained these symbols during version 20; what is emitted for `using` looks for the same ones. */
export const disposeSymbols = {
  js: `for (const name of ['dispose', 'asyncDispose']) if (!(name in Symbol)) Object.defineProperty(Symbol, name, { value: Symbol.for('Symbol.' + name) });`,
};
