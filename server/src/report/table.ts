import { rules } from '../rules/index.js';

/** The rules as a Markdown table; `link` is the folder of the pages as seen from where the table will stand. */
export function markdownTable(link: string): string {
  const rows = rules.map(
    ({ code, name, severity, docs }) =>
      `| [${code}](${link}${name}.md) | ${name} | ${severity} | ${docs.summary} | ${docs.fixes || '–'} |`,
  );
  return ['| code | rule | severity | flags | quick-fixes |', '|---|---|---|---|---|', ...rows].join('\n');
}
