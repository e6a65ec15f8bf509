import { Node, type VariableStatement } from 'ts-morph';
import { type Span } from '../model/types.js';
import { type Fix } from '../rules/rule.js';
import { type Unpicklable } from '../rules/unpicklable-argument.js';
import { type FixDocument, nodeAt } from './document.js';
import { type TextEdit } from './edits.js';
import { exportFix } from './exporting.js';
import { extractFix } from './extract.js';

/** What can be done about a value that cannot travel depends on what it is. */
export function sendFixes(document: FixDocument, { verdict, send }: Unpicklable, span: Span): Fix[] {
  switch (verdict.remedy) {
    case 'await':
      return canAwait(document, span)
        ? [
            {
              title: 'Await it and send the result',
              preferred: true,
              edits: () => [{ start: span.start, end: span.start, text: 'await ' }],
            },
          ]
        : [];
    case 'spread':
      return [
        {
          title: 'Send its items as an array',
          preferred: true,
          edits: () => [
            { start: span.start, end: span.start, text: '[...' },
            { start: span.end, end: span.end, text: ']' },
          ],
        },
      ];
    case 'export':
      return exportOf(document, verdict.unexported);
    case 'extract':
      return [...extracted(document, span), ...leaveOut(document, span, verdict.path, send.span)];
    case 'leave-out':
      return leaveOut(document, span, verdict.path, send.span);
    case undefined:
      return propertyAt(document, span) === undefined ? [] : leaveOut(document, span, verdict.path, send.span);
  }
}

function canAwait(document: FixDocument, span: Span): boolean {
  for (let node = nodeAt(document, span)?.getParent(); node !== undefined; node = node.getParent()) {
    if (Node.isFunctionLikeDeclaration(node) || Node.isFunctionExpression(node) || Node.isArrowFunction(node))
      return Node.isAsyncable(node) && node.isAsync();
  }
  return document.facts.moduleKind === 'esm';
}

function exportOf(document: FixDocument, name: string | undefined): Fix[] {
  const { source } = document;
  if (name === undefined) return [];
  const holds = (statement: VariableStatement): boolean =>
    statement.getDeclarations().some(variable => variable.getName() === name);
  const declaration = source.getFunction(name) ?? source.getClass(name) ?? source.getVariableStatement(holds);
  if (declaration === undefined) return [];
  const at = { file: document.file, start: declaration.getStart(), end: declaration.getEnd() };
  return exportFix(document, { kind: 'unexported', name, declaration: at, fn: undefined });
}

function extracted(document: FixDocument, span: Span): Fix[] {
  const form = { kind: 'closure', shape: 'arrow function', name: undefined, declaration: span, captured: [] } as const;
  const runner = {
    name: '',
    kind: 'pool',
    role: 'target',
    member: '',
    daemonic: 'unknown',
    construction: undefined,
  } as const;
  return extractFix(document, { ...form, captured: [] }, { args: undefined, span, runner });
}

function propertyAt(document: FixDocument, span: Span): Node | undefined {
  const node = nodeAt(document, span);
  if (Node.isMethodDeclaration(node) || Node.isShorthandPropertyAssignment(node)) return node;
  for (let up = node; up !== undefined && up.getStart() >= span.start - 200; up = up.getParent()) {
    if (Node.isPropertyAssignment(up)) return up.getInitializer()?.getStart() === span.start ? up : undefined;
    if (Node.isArrayLiteralExpression(up) || Node.isCallExpression(up))
      return up.getStart() === span.start && up.getEnd() === span.end ? undefined : propertyOf(up, span);
  }
  return undefined;
}

function propertyOf(node: Node, span: Span): Node | undefined {
  const parent = node.getParent();
  return Node.isPropertyAssignment(parent) && parent.getInitializer()?.getStart() === span.start ? parent : undefined;
}

/** The literal's own member goes; of a variable, a copy is sent that lacks the part. */
function leaveOut(document: FixDocument, span: Span, path: readonly string[], sent: Span): Fix[] {
  const property = propertyAt(document, span);
  if (property !== undefined) {
    const name = Node.hasName(property) ? property.getName() : 'it';
    return [{ title: `Leave out '${name}'`, preferred: false, edits: () => [removal(document, property)] }];
  }
  const text = document.text.slice(sent.start, sent.end);
  if (span.start !== sent.start || span.end !== sent.end || !/^[\w$.]+$/.test(text)) return [];
  if (path.length === 0 || path.length > 3 || !path.every(step => /^\.[\w$]+$/.test(step))) return [];
  return [
    {
      title: `Send a copy without '${path.join('').slice(1)}'`,
      preferred: false,
      edits: () => [
        {
          start: sent.start,
          end: sent.end,
          text: copyWithout(
            text,
            path.map(step => step.slice(1)),
          ),
        },
      ],
    },
  ];
}

function copyWithout(text: string, [step, ...rest]: readonly string[]): string {
  if (step === undefined) return text;
  const value = rest.length === 0 ? 'undefined' : copyWithout(`${text}.${step}`, rest);
  return `{ ...${text}, ${step}: ${value} }`;
}

function isMember(node: Node): boolean {
  return (
    Node.isPropertyAssignment(node) ||
    Node.isShorthandPropertyAssignment(node) ||
    Node.isMethodDeclaration(node) ||
    Node.isSpreadAssignment(node) ||
    Node.isGetAccessorDeclaration(node)
  );
}

/** A member of a literal with its comma: the one behind it, or, of the last, the one before. */
function removal({ text }: FixDocument, property: Node): TextEdit {
  const behind = /^\s*,\s*/.exec(text.slice(property.getEnd()));
  const next = property.getNextSibling(isMember);
  if (behind !== null && next !== undefined) return { start: property.getStart(), end: next.getStart(), text: '' };
  const before = property.getPreviousSibling(isMember);
  if (before !== undefined) return { start: before.getEnd(), end: property.getEnd(), text: '' };
  return { start: property.getStart(), end: property.getEnd() + (behind?.[0].trimEnd().length ?? 0), text: '' };
}
