// Everything a fresh clone needs before anything can run: packages, then bundles and types. Done again only when
// something it depends on has changed. Run as `npm run setup`, and by `npm start` and `npm test` first.
import { pathToFileURL } from 'node:url';
import { once, run, say } from './steps.mjs';

export async function setUp() {
  const [major = 0] = process.versions.node.split('.').map(Number);
  if (major < 20) throw new Error(`manycore needs Node 20 or newer; this is ${process.version}`);
  await once('packages', {
    inputs: ['package.json', 'package-lock.json', 'runtime/package.json', 'server/package.json'],
    results: ['node_modules/.package-lock.json', 'node_modules/manycore', 'node_modules/esbuild', 'node_modules/koffi'],
    work: () => run(npm, ['ci', '--no-audit', '--no-fund', '--loglevel=error']),
  });
  await once('build', {
    inputs: [
      'package-lock.json',
      'esbuild.mjs',
      'runtime/build',
      'tsconfig.base.json',
      ...['runtime', 'server', 'client'].flatMap(part => [
        `${part}/src`,
        `${part}/package.json`,
        `${part}/tsconfig.json`,
      ]),
      'runtime/examples',
      'test',
    ],
    results: [
      'runtime/dist/runtime.cjs',
      'runtime/dist/types/index.d.ts',
      'server/dist/server.cjs',
      'server/dist/cli.cjs',
      'client/dist/extension.cjs',
      'test/dist',
    ],
    work: () => {
      run(process.execPath, ['esbuild.mjs', 'all']);
      run(process.execPath, ['node_modules/typescript/bin/tsc', '-b', 'runtime', 'server', 'client']);
    },
  });
}

const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm';

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  await setUp();
  say('ready');
}
