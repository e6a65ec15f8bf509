// What `npm start`, `npm test` and `npm run setup` have in common: run a step once, and again only when what it
// depends on has changed. Plain Node without any package: it runs before anything is installed.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');
export const at = (...parts) => path.join(root, ...parts);
const stamps = at('.setup');

/** Every file below the given places, generated ones left out. */
function* filesUnder(place) {
  if (!fs.existsSync(place)) return;
  if (fs.statSync(place).isFile()) return void (yield place);
  for (const entry of fs.readdirSync(place, { withFileTypes: true })) {
    if (['node_modules', 'dist', 'shots', 'results', '.vscode-host'].includes(entry.name)) continue;
    const inside = path.join(place, entry.name);
    if (entry.isDirectory()) yield* filesUnder(inside);
    else if (entry.isFile()) yield inside;
  }
}

/** A fingerprint of the contents: a fresh clone has new times on old contents. */
function fingerprint(places) {
  const hash = createHash('sha256');
  for (const file of places.flatMap(place => [...filesUnder(at(place))]).sort()) {
    hash.update(path.relative(root, file)).update('\0').update(fs.readFileSync(file));
  }
  return hash.digest('hex');
}

/**
 * Does `work` unless it was done for the same inputs and its results are still there. A step that fails leaves no
 * stamp, so it is done again next time.
 */
export async function once(name, { inputs, results, work }) {
  const stamp = path.join(stamps, name);
  const wanted = `${process.version} ${fingerprint(inputs)}`;
  const done = fs.existsSync(stamp) && fs.readFileSync(stamp, 'utf8') === wanted;
  if (done && results.every(result => fs.existsSync(at(result)))) return false;
  const started = performance.now();
  say(`${name} …`);
  fs.rmSync(stamp, { force: true });
  await work();
  fs.mkdirSync(stamps, { recursive: true });
  fs.writeFileSync(stamp, wanted);
  say(`${name} done in ${((performance.now() - started) / 1000).toFixed(1)} s`);
  return true;
}

export const say = text => console.log(`[manycore] ${text}`);

/** Runs a command to its end with its output shown; a failure ends the whole run with the command's name. */
export function run(command, args, options = {}) {
  const result = spawnSync(command, args, { cwd: root, stdio: ['ignore', 'inherit', 'inherit'], ...options });
  if (result.error) throw new Error(`cannot run ${command}: ${result.error.message}`);
  if (result.status !== 0) {
    throw new Error(`${command} ${args.join(' ')} failed (${result.signal ?? `exit ${result.status}`})`);
  }
}
