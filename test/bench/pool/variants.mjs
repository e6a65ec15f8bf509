// The library as it is and with the process table off, for what the table costs. There is no such switch in the library:
// both are built here, in the same way, from the same sources.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const source = file => path.join(root, 'runtime/src', file);

/** What a process writes into the table for readers alone, taken out. Who begins and who ends stays: much depends on it. */
const SILENCED = {
  'memory/selfSlot.ts': [
    ['setState(state: SlotStateName): void {', "$& if (state === 'idle' || state === 'busy') return;"],
    ['object: number): PublishedWait | undefined {', '$& return undefined;'],
  ],
  'pool/batchRun.ts': [[/selfSlot\.setText\(/g, 'void 0 && $&']],
  'pool/poolRow.ts': [['write(figures: PoolFigures): void {', '$& return;']],
};

const silent = {
  name: 'no process table',
  setup({ onLoad }) {
    for (const [file, edits] of Object.entries(SILENCED)) {
      onLoad({ filter: new RegExp(`src/${file.replace('.', '\\.')}$`) }, () => {
        let contents = fs.readFileSync(source(file), 'utf8');
        for (const [from, to] of edits) {
          const edited = contents.replace(from, to);
          if (edited === contents) throw new Error(`${file} has nothing like ${from} any more`);
          contents = edited;
        }
        return { contents, loader: 'ts' };
      });
    }
  },
};

/** Builds both and answers where to import them from; `remove` takes them away again. */
async function buildVariants() {
  // Inside the package, where koffi is found.
  const folder = fs.mkdtempSync(path.join(root, 'runtime/dist/bench-'));
  const variants = {};
  for (const [name, plugins] of Object.entries({ on: [], off: [silent] })) {
    const to = path.join(folder, name);
    fs.mkdirSync(to);
    for (const file of ['runtime.cjs', 'index.js', 'parser.cjs', 'progressBar.cjs']) {
      fs.copyFileSync(path.join(root, 'runtime/dist', file), path.join(to, file));
    }
    await build({
      ...{ entryPoints: [source('main.ts')], outfile: path.join(to, 'core.cjs'), external: ['koffi'], plugins },
      ...{ bundle: true, platform: 'node', format: 'cjs', target: 'node20', charset: 'ascii', logLevel: 'error' },
      ...{ minifySyntax: true, minifyWhitespace: true },
    });
    variants[name] = pathToFileURL(path.join(to, 'index.js')).href;
  }
  return { ...variants, remove: () => fs.rmSync(folder, { recursive: true, force: true }) };
}

/** A pool of each variant; `ask({ burst: n })` or `ask({ map: n })` answers how many ms that took. */
export async function startVariants(workers) {
  const { remove, ...libraries } = await buildVariants();
  const children = {};
  for (const [name, url] of Object.entries(libraries)) {
    const child = fork(fileURLToPath(new URL('variant.mjs', import.meta.url)), [url, String(workers)]);
    const ended = once(child, 'exit').then(([code, signal]) => {
      throw new Error(`the process with the pool has ended: ${signal ?? code}`);
    });
    ended.catch(() => undefined); // whoever asks next hears of it
    const ask = async what => {
      const answered = new AbortController();
      child.send(what);
      try {
        const [answer] = await Promise.race([once(child, 'message', { signal: answered.signal }), ended]);
        return answer;
      } finally {
        answered.abort();
      }
    };
    children[name] = { child, ask };
  }
  return {
    ...Object.fromEntries(Object.entries(children).map(([name, { ask }]) => [name, ask])),
    async stop() {
      for (const { child } of Object.values(children)) {
        if (child.exitCode !== null) continue;
        child.disconnect();
        await once(child, 'exit');
      }
      remove();
    },
  };
}
