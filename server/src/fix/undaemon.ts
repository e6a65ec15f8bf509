import { Node, type NewExpression } from 'ts-morph';
import { type Runner } from '../model/types.js';
import { type Fix } from '../rules/rule.js';
import { type FixDocument, nodeOf } from './document.js';
import { type TextEdit } from './edits.js';

/** Lets the outer pool or process have children. */
export function undaemonFixes(document: FixDocument, { construction, kind }: Runner): Fix[] {
  const made = construction?.file === document.file ? nodeOf(document, construction, Node.isNewExpression) : undefined;
  const edit = made === undefined ? undefined : (assigned(document, made) ?? option(made));
  if (made === undefined || edit === undefined) return [];
  const title =
    kind === 'pool'
      ? "Make the pool's workers non-daemonic (daemon: false)"
      : 'Make the process non-daemonic (daemon: false)';
  return [{ title, preferred: true, edits: () => [edit] }];
}

/** `p.daemon = true` wins over the options. */
function assigned({ source }: FixDocument, made: NewExpression): TextEdit | undefined {
  const variable = made.getParent();
  if (!Node.isVariableDeclaration(variable)) return undefined;
  const left = `${variable.getName()}.daemon`;
  for (const node of source.getDescendants()) {
    if (!Node.isBinaryExpression(node) || node.getLeft().getText() !== left) continue;
    const right = node.getRight();
    return { start: right.getStart(), end: right.getEnd(), text: 'false' };
  }
  return undefined;
}

function option(made: NewExpression): TextEdit | undefined {
  const argument = made.getArguments()[0];
  if (argument === undefined) {
    const start = made.getExpression().getEnd();
    return { start, end: made.getEnd(), text: '({ daemon: false })' };
  }
  if (!Node.isObjectLiteralExpression(argument)) {
    return {
      start: argument.getStart(),
      end: argument.getEnd(),
      text: `{ processes: ${argument.getText()}, daemon: false }`,
    };
  }
  const daemon = argument.getProperty('daemon');
  if (daemon !== undefined) return { start: daemon.getStart(), end: daemon.getEnd(), text: 'daemon: false' };
  const last = argument.getProperties().at(-1);
  if (last === undefined) return { start: argument.getStart(), end: argument.getEnd(), text: '{ daemon: false }' };
  return { start: last.getEnd(), end: last.getEnd(), text: ', daemon: false' };
}
