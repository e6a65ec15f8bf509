import { at, build, common, disposeSymbols } from './bundle.mjs';

/**
 * What bundlers take in by the condition `module`: one ES module with everything inside, that finds out at run time which
 * file it has been put into. In a CommonJS bundle that is `__filename`, in an ES module `import.meta.url`.
 */
export async function forBundlers(names) {
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
