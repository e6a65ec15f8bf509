import { closeFixes } from '../fix/closing.js';
import { type EarlyJoin } from '../model/types.js';
import { defineRule } from './rule.js';

export const joinBeforeClose = defineRule<EarlyJoin, 'never' | 'perhaps'>({
  name: 'join-before-close',
  code: 'MC004',
  severity: 'error',
  needs: 'file',
  docs: {
    summary: '`pool.join()` on a path without `close()` or `terminate()` before it',
    fixes: 'insert `pool.close()`; drop the join and use `await using`',
  },
  messages: {
    never:
      "'{pool}' is still open here: join() of an open pool fails. Call {pool}.close() or {pool}.terminate() first.",
    perhaps:
      "'{pool}' may still be open here: on one path neither close() nor terminate() comes before join(), which fails then.",
  },
  *check({ facts, say }) {
    for (const join of facts.earlyJoins) {
      const related = [{ span: join.created, message: `'${join.pool}' is made here` }];
      yield {
        span: join.span,
        message: say(join.certain ? 'never' : 'perhaps', { pool: join.pool }),
        related,
        data: join,
      };
    }
  },
  fix: (finding, document) => closeFixes(document, finding.data),
});
