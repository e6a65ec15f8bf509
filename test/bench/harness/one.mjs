// One bench in a process of its own, so that none warms up, fills or slows down another:
// `node one.mjs <module> <json file> <options as JSON>`. A module exports
//
//   async function open({ quick, rounds }): { cases?, growth?, close?() }
//
// and is closed whatever happens in between; Ctrl-C ends everything it started.
import fs from 'node:fs';
import { pathToFileURL } from 'node:url';
import { activeChildren } from 'manycore';
import { measureCase, measureGrowth } from './measure.mjs';
import { endPythons } from './python.mjs';
import { printGrowth, printRow } from './table.mjs';

const [module, file, given] = process.argv.slice(2);
const options = JSON.parse(given);

let ending = false;
const endWith = code => {
  if (ending) return;
  ending = true;
  void endAll().finally(() => process.exit(code));
};
process.on('SIGINT', () => endWith(130)).on('SIGTERM', () => endWith(143));
// Whoever started this has gone without a word.
process.stdin.on('end', () => endWith(1)).resume();
process.stdin.unref?.();

/** Waits for them: one that is just starting would put files into a folder that is being removed. */
async function endAll() {
  endPythons();
  const children = activeChildren();
  for (const child of children) child.kill();
  await Promise.all(children.map(child => child.join({ timeout: 1000 })));
}

// The peers' workers get the signal as well, and a peer may stumble over that before this process has heard it.
process.on('uncaughtException', error => {
  setTimeout(() => {
    if (ending) return;
    console.error(error);
    endWith(1);
  }, 200);
});

const bench = await (await import(pathToFileURL(module).href)).open(options);
const results = { rows: [], growth: [] };
try {
  for (const one of bench.cases ?? []) {
    const row = one.verdicts ? one : await measureCase(one, options.rounds);
    results.rows.push(row);
    printRow(row);
    save();
  }
  for (const one of bench.growth ?? []) {
    const plot = await measureGrowth(one, Math.ceil(options.rounds * (one.share ?? 1)));
    results.growth.push(plot);
    printGrowth(plot);
    save();
  }
} finally {
  await bench.close?.();
}

/** After each case: what has been measured is kept if a later one takes the process down. */
function save() {
  fs.writeFileSync(file, JSON.stringify(results));
}
