import { guardFixes } from '../fix/guard.js';
import { type TopLevelStart } from '../model/types.js';
import { defineRule } from './rule.js';

export const mainGuard = defineRule<TopLevelStart, 'start' | 'call'>({
  name: 'main-guard',
  code: 'MC001',
  severity: 'error',
  needs: 'program',
  docs: {
    summary: 'a start at the top level of a module that a child imports, without a main guard',
    fixes: 'wrap in `if (isMain(import.meta))`; move to `main()` and guard the call',
  },
  messages: {
    start:
      '{what} starts whenever this module is imported, and a child imports it: the start fails there. Put it under `if ({guard})`.',
    call: 'This call starts {what} whenever this module is imported, and a child imports it: the start fails there. Put it under `if ({guard})`.',
  },
  *check({ facts, oracle, say }) {
    const starts = oracle.topLevelStarts(facts.file);
    const reason = starts.length === 0 ? undefined : oracle.importedByChildren(facts.file);
    if (reason === undefined) return;
    const guard = facts.moduleKind === 'esm' ? 'isMain(import.meta)' : 'isMain(module)';
    for (const start of starts) {
      const direct = start.chain.length === 0;
      const what = direct ? start.what.replace(/^a/, 'A') : start.what;
      yield {
        span: start.span,
        message: say(direct ? 'start' : 'call', { what, guard }),
        related: [...start.chain, reason],
        data: start,
      };
    }
  },
  fix: (finding, document) => guardFixes(document, finding.span),
});
