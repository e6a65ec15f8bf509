// Writes the rule tables of README.md and docs/rules/README.md from the rules' metadata: `node server/scripts/rule-tables.mjs`.
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { markdownTable } from '../dist/index.cjs';

const server = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');

/** The pages that hold a table, and how they link to a rule's page. */
export const pages = { 'README.md': 'docs/rules/', 'docs/rules/README.md': '' };

/** The page's text with its table made anew. */
export function withTable(name) {
  const text = fs.readFileSync(path.join(server, name), 'utf8');
  return text.replace(
    /<!-- rules -->[\s\S]*<!-- \/rules -->/,
    () =>
      `<!-- rules -->\n<!-- prettier-ignore-start -->\n\n${markdownTable(pages[name])}\n\n<!-- prettier-ignore-end -->\n<!-- /rules -->`,
  );
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  for (const name of Object.keys(pages)) fs.writeFileSync(path.join(server, name), withTable(name));
}
