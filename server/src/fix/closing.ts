import { Node } from 'ts-morph';
import { isJavaScript } from '../engine/scan.js';
import { type EarlyJoin } from '../model/types.js';
import { type Fix } from '../rules/rule.js';
import { type FixDocument, indentAt, lineBreakOf, nodeAt } from './document.js';
import { wholeLines } from './layout.js';

/** `pool.close();` before the join; or no join, where leaving the block releases the pool anyway. */
export function closeFixes(document: FixDocument, join: EarlyJoin): Fix[] {
  const { text } = document;
  const statement = nodeAt(document, join.span)?.getFirstAncestor(node => Node.isStatement(node));
  if (statement === undefined) return [];
  const start = statement.getStart();
  const close = `${join.pool}.close();`;
  const inBlock =
    Node.isBlock(statement.getParent()) ||
    Node.isSourceFile(statement.getParent()) ||
    Node.isCaseClause(statement.getParent());
  const lineBreak = lineBreakOf(text);
  const fixes: Fix[] = [
    {
      title: `Insert '${close}'`,
      preferred: true,
      edits: () =>
        inBlock
          ? [{ start, end: start, text: `${close}${lineBreak}${indentAt(text, lineStart(text, start))}` }]
          : [{ start, end: statement.getEnd(), text: `{ ${close} ${statement.getText()} }` }],
    },
  ];
  const bare = Node.isExpressionStatement(statement) && Node.isAwaitExpression(statement.getExpression());
  const made = nodeAt(document, join.created)?.getFirstAncestor(node => Node.isVariableStatement(node));
  if (
    !bare ||
    join.disposable ||
    made?.getDeclarationKind() !== 'const' ||
    made.getDeclarations().length !== 1 ||
    isJavaScript(document.file)
  )
    return fixes;
  if (!inAsync(statement, document)) return fixes;
  fixes.push({
    title: "Use 'await using' instead of the join",
    preferred: false,
    edits: () => [
      { start: made.getStart(), end: made.getStart() + 'const'.length, text: 'await using' },
      { ...wholeLines(text, start, statement.getEnd()), text: '' },
    ],
  });
  return fixes;
}

function inAsync(node: Node, document: FixDocument): boolean {
  const fn = node.getFirstAncestor(up => Node.isFunctionLikeDeclaration(up) || Node.isFunctionExpression(up));
  return fn === undefined ? document.facts.moduleKind === 'esm' : Node.isAsyncable(fn) && fn.isAsync();
}

function lineStart(text: string, offset: number): number {
  return text.lastIndexOf('\n', offset - 1) + 1;
}
