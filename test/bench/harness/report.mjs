// What a run leaves: its results as JSON, a picture a growth, and the table in the page on performance, between two
// marks. Benches that were not run this time keep what they had.
import fs from 'node:fs';
import path from 'node:path';
import { format, resolveConfig } from 'prettier';
import { draw } from './chart.mjs';
import { markdown } from './table.mjs';

export const RESULTS = 'latest.json';

export function readResults(folder) {
  try {
    return JSON.parse(fs.readFileSync(path.join(folder, RESULTS), 'utf8'));
  } catch {
    return {};
  }
}

/**
 * @param {{ folder: string, page: string, notes: Record<string, string> }} place
 * @param {Record<string, { machine, rows, growth }>} benches by name, in the order of the page
 */
export async function report({ folder, page, notes }, benches) {
  fs.mkdirSync(folder, { recursive: true });
  fs.writeFileSync(path.join(folder, RESULTS), `${JSON.stringify(benches, null, 1)}\n`);
  for (const { machine, growth } of Object.values(benches)) {
    for (const plot of growth) await drawInto(path.join(folder, `${plot.id}.svg`), plot, machine);
  }
  const text = fs.readFileSync(page, 'utf8');
  const filled = between(between(text, 'table', tables(benches, notes)), 'plots', plots(benches, folder, page));
  fs.writeFileSync(page, await format(filled, { ...(await resolveConfig(page)), parser: 'markdown' }));
}

async function drawInto(file, plot, machine) {
  const note = `Medians; whiskers from the least to the most. Node ${machine.node.slice(1)}, ${machine.cores} cores.`;
  try {
    fs.writeFileSync(file, await draw(plot, note));
  } catch (error) {
    console.log(`[manycore] no picture ${path.basename(file)}: ${error.message}`);
  }
}

function between(text, name, filling) {
  const [from, to] = [`<!-- ${name}: written by npm run bench -->`, `<!-- end of ${name} -->`];
  const [start, end] = [text.indexOf(from), text.indexOf(to)];
  if (start < 0 || end < start) throw new Error(`the page has no place for: ${name}`);
  return `${text.slice(0, start + from.length)}\n\n${filling}\n\n${text.slice(end)}`;
}

function tables(benches, notes) {
  const parts = Object.entries(benches).map(([name, { machine, rows }]) => {
    const said = rows.filter(row => needsWord(row) && notes[row.id] !== undefined);
    const words = said.map(row => `- **${row.name}**: ${notes[row.id]}`);
    return [`### ${name}`, markdown(rows), ...(words.length > 0 ? [words.join('\n')] : []), conditions(machine)].join(
      '\n\n',
    );
  });
  return parts.join('\n\n');
}

const needsWord = row =>
  row.ours.missing !== undefined || row.verdicts.some(({ state }) => state === 'missed' || state === 'no target');

const conditions = machine =>
  `_${machine.date.slice(0, 10)}, Node ${machine.node.slice(1)}, CPython ${machine.python}, ${machine.cpu}, ` +
  `${machine.cores} cores, load ${machine.loadBefore} before and ${machine.loadAfter} after${machine.quick ? ', a quick run' : ''}._`;

function plots(benches, folder, page) {
  const link = id => path.relative(path.dirname(page), path.join(folder, `${id}.svg`)).replaceAll(path.sep, '/');
  return Object.values(benches)
    .flatMap(({ growth }) => growth)
    .map(({ id, title, x, y }) => `![${title}: ${y}, by ${x}](${link(id)})`)
    .join('\n\n');
}
