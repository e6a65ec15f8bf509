// Packs the extension for this platform: `npm run package` makes manycore-<version>-<platform>.vsix in the project's
// root (`node client/package-vsix.mjs <file>`: there). Everything is gathered in a folder of its own first, since the workspace's layout is not the package's: koffi
// lies beside the library there, with the one binary that this platform needs.
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
const at = (...parts) => path.join(root, ...parts);
const platform = `${process.platform}-${process.arch}`;

const needed = ['client/dist/extension.cjs', 'server/dist/server.cjs', 'runtime/dist/index.cjs', 'runtime/dist/types'];
const missing = needed.filter(file => !fs.existsSync(at(file)));
if (missing.length > 0) throw new Error(`Build first (npm run setup): ${missing.join(', ')}`);

/** vsce wants a newer Node than the library does; the test host has one. */
async function packerNode() {
  const [major = 0] = process.versions.node.split('.').map(Number);
  if (major >= 22) return process.execPath;
  const { ensureHost } = await import('../test/host/setup.mjs');
  const { hostNode } = await import('../test/host/places.mjs');
  await ensureHost({ browser: false });
  return hostNode;
}

/** The folder of an installed package, looked for as Node does: from the library's folder upwards. */
function packageDir(name) {
  const places = ['runtime', '.'].map(dir => at(dir, 'node_modules', name));
  const found = places.find(dir => fs.existsSync(path.join(dir, 'package.json')));
  if (!found) throw new Error(`${name} is not installed: the package would not work on ${platform}.`);
  return found;
}

function gather(stage) {
  const manifest = JSON.parse(fs.readFileSync(at('package.json'), 'utf8'));
  for (const key of ['private', 'workspaces', 'scripts', 'devDependencies', 'dependencies']) delete manifest[key];
  fs.writeFileSync(path.join(stage, 'package.json'), JSON.stringify(manifest, null, 2));
  const copied = ['client/dist', 'client/media', 'server/dist', 'server/docs', 'runtime/dist', 'runtime/package.json'];
  for (const name of [...copied, 'LICENSE', 'README.md', 'CHANGELOG.md', '.vscodeignore']) {
    if (fs.existsSync(at(name))) fs.cpSync(at(name), path.join(stage, name), { recursive: true });
  }
  const modules = path.join(stage, 'runtime', 'node_modules');
  const koffi = packageDir('koffi');
  for (const name of [
    'package.json',
    'LICENSE.txt',
    'index.cjs',
    'indirect.cjs',
    'index.js',
    'indirect.js',
    'src/koffi',
  ]) {
    const from = path.join(koffi, name);
    if (!fs.existsSync(from)) continue;
    const scripts = file => fs.statSync(file).isDirectory() || !/\.(c|cc|h|hh|cpp|hpp|asm|S|txt)$/.test(file);
    const filter = name.startsWith('src') ? scripts : () => true;
    fs.cpSync(from, path.join(modules, 'koffi', name), { recursive: true, filter });
  }
  const binary = `@koromix/koffi-${platform}`;
  fs.cpSync(packageDir(binary), path.join(modules, binary), { recursive: true, dereference: true });
}

const stage = fs.mkdtempSync(path.join(os.tmpdir(), 'manycore-vsix-'));
try {
  gather(stage);
  const { version } = JSON.parse(fs.readFileSync(at('package.json'), 'utf8'));
  const out = path.resolve(process.argv[2] ?? at(`manycore-${version}-${platform}.vsix`));
  const vsce = path.join(packageDir('@vscode/vsce'), 'vsce');
  const options = ['--no-dependencies', '--no-rewrite-relative-links', '--allow-missing-repository'];
  execFileSync(await packerNode(), [vsce, 'package', ...options, '--target', platform, '--out', out], {
    cwd: stage,
    stdio: ['ignore', 'inherit', 'inherit'],
  });
} finally {
  fs.rmSync(stage, { recursive: true, force: true });
}
