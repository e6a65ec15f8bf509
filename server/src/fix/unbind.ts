import { Node } from 'ts-morph';
import { type TargetUse } from '../model/types.js';
import { type Fix } from '../rules/rule.js';
import { addArguments } from './arguments.js';
import { type FixDocument, nodeOf } from './document.js';

/** `f.bind(null, a)` becomes `f`, with `a` as its first argument: what `bind` would have done, in the child. */
export function unbindFix(document: FixDocument, { span, args }: TargetUse): Fix[] {
  const call = nodeOf(document, span, Node.isCallExpression);
  const callee = call?.getExpression();
  if (call === undefined || args === undefined || !Node.isPropertyAccessExpression(callee)) return [];
  const fn = callee.getExpression();
  const [receiver, ...bound] = call.getArguments();
  const nobody = receiver === undefined || receiver.getText() === 'null' || receiver.getText() === 'undefined';
  if (!nobody || !Node.isIdentifier(fn) || bound.some(argument => Node.isSpreadElement(argument))) return [];
  const name = fn.getText();
  const values = bound.map(argument => argument.getText());
  return [
    {
      title: `Pass '${name}' and its arguments`,
      preferred: true,
      edits: () => [
        { start: span.start, end: span.end, text: name },
        ...(values.length === 0 ? [] : addArguments(document, args, values, 'before')),
      ],
    },
  ];
}
