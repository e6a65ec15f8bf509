import { sendFixes } from '../fix/sending.js';
import { type Bad, type Send } from '../model/types.js';
import { defineRule } from './rule.js';

export interface Unpicklable {
  send: Send;
  verdict: Bad;
}

export const unpicklableArgument = defineRule<Unpicklable, 'value'>({
  name: 'unpicklable-argument',
  code: 'MC003',
  severity: 'error',
  needs: 'file',
  docs: {
    summary: 'a value sent to another process that cannot travel, with the path to what is at fault',
    fixes: 'await a promise; spread an iterator; export or extract a function; leave the part out',
  },
  messages: { value: '{path} is {why}: it cannot travel to another process ({position}).' },
  *check({ facts, say }) {
    for (const send of facts.sends) {
      const verdict = send.verdict();
      if (verdict.kind !== 'bad') continue;
      const span =
        verdict.culprit !== undefined && verdict.culprit.file === facts.file && inside(verdict.culprit, send.span)
          ? verdict.culprit
          : send.span;
      const path = `\`${head(send.text)}${verdict.path.join('')}\``;
      yield {
        span,
        message: say('value', { path, why: verdict.why, position: send.position }),
        related: [],
        data: { send, verdict },
      };
    }
  },
  fix: (finding, document) => sendFixes(document, finding.data, finding.span),
});

function inside(inner: Send['span'], outer: Send['span']): boolean {
  return inner.start >= outer.start && inner.end <= outer.end;
}

/** A literal is not repeated in front of the path into it. */
function head(text: string): string {
  return /^[[{(]/.test(text) ? 'value' : text;
}
