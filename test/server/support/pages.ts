import fs from 'node:fs';
import path from 'node:path';
import { rules } from 'manycore-check';
import { repository } from './workspace.js';

export interface Example {
  rule: string;
  code: string;
  section: 'Bad' | 'Good' | 'Suppress';
  index: number;
  text: string;
}

export const pagesFolder = path.join(repository, 'server/docs/rules');

/** The TypeScript examples of all rule pages, by the section they stand in. */
export function examples(): Example[] {
  return rules.flatMap(({ name, code }) => {
    const page = fs.readFileSync(path.join(pagesFolder, `${name}.md`), 'utf8');
    return page.split(/^## /m).flatMap(part => {
      const section = /^(Bad|Good|Suppress)\b/.exec(part)?.[1] as Example['section'] | undefined;
      if (section === undefined) return [];
      const blocks = [...part.matchAll(/^```ts\n([\s\S]*?)^```/gm)];
      return blocks.map((match, index) => ({ rule: name, code, section, index: index + 1, text: match[1] ?? '' }));
    });
  });
}

export function titleOf({ rule, section, index }: Example): string {
  return `${rule}, ${section.toLowerCase()} example ${String(index)}`;
}
