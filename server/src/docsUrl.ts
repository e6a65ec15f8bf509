/** The folder of the rule pages; `<DOCS_BASE_URL>/<rule>.md` explains a rule. */
export const DOCS_BASE_URL = 'https://github.com/manycore-js/manycore/blob/main/server/docs/rules';

export function ruleUrl(ruleName: string, base: string = DOCS_BASE_URL): string {
  return `${base.replace(/\/$/, '')}/${ruleName}.md`;
}
