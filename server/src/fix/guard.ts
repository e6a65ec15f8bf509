import { Node, type Statement } from 'ts-morph';
import { isJavaScript } from '../engine/scan.js';
import { type Span } from '../model/types.js';
import { type Fix } from '../rules/rule.js';
import { type FixDocument, freshName, indentUnit, lineBreakOf } from './document.js';
import { type TextEdit } from './edits.js';
import { runtimeName } from './imports.js';
import { addPattern, reindent, startWithComments, topLevelAt, wholeLines } from './layout.js';

/** Puts a start at the top level, and what follows it, under a main guard. */
export function guardFixes(document: FixDocument, span: Span): Fix[] {
  const first = topLevelAt(document.source, span.start);
  const guarded = first === undefined ? undefined : toGuard(document, first);
  if (guarded === undefined) return [];
  const isMain = runtimeName(document, 'isMain');
  const condition = `${isMain.text}(${document.facts.moduleKind === 'esm' ? 'import.meta' : 'module'})`;
  const name = freshName(document, 'main');
  return [
    {
      title: `Wrap in 'if (${condition})'`,
      preferred: true,
      edits: () => [...isMain.edits, ...replaced(document, guarded, body => `if (${condition}) {${body}}`)],
    },
    {
      title: `Move to '${name}()' and guard the call`,
      preferred: false,
      edits: () => [
        ...isMain.edits,
        ...replaced(document, guarded, body => mainFunction(document, name, condition, body)),
      ],
    },
  ];
}

function mainFunction(document: FixDocument, name: string, condition: string, body: string): string {
  const lineBreak = lineBreakOf(document.text);
  const unit = indentUnit(document.text);
  const isModule = document.facts.moduleKind === 'esm';
  const head = `${isModule ? 'async ' : ''}function ${name}()${isModule && !isJavaScript(document.file) ? ': Promise<void>' : ''}`;
  return `${head} {${body}}${lineBreak}${lineBreak}if (${condition}) {${lineBreak}${unit}${isModule ? 'await ' : ''}${name}();${lineBreak}}`;
}

/** The statements from the first on that run something, unless what stays behind needs what they declare. */
function toGuard({ source }: FixDocument, first: Statement): Statement[] | undefined {
  const statements = source.getStatements();
  const following = statements.slice(statements.indexOf(first));
  if (!runs(first)) return undefined;
  const guarded = following.filter(runs);
  for (;;) {
    const staying = statements.filter(statement => !guarded.includes(statement));
    const torn = guarded.filter(statement => isNeeded(statement, staying));
    if (torn.length === 0) return guarded;
    // Constants and function values may stay where they are; what was started may not.
    for (const statement of torn) {
      if (statement === first || !isPure(statement)) return undefined;
      guarded.splice(guarded.indexOf(statement), 1);
    }
  }
}

function runs(statement: Statement): boolean {
  if (Node.isVariableStatement(statement)) return !statement.hasExportKeyword();
  if (Node.isExpressionStatement(statement))
    return !/^(?:module\.)?exports\b|^(?:[\w$]+\.)?expose\(/.test(statement.getText());
  return (
    Node.isIterationStatement(statement) ||
    Node.isIfStatement(statement) ||
    Node.isTryStatement(statement) ||
    Node.isSwitchStatement(statement) ||
    Node.isBlock(statement) ||
    Node.isLabeledStatement(statement) ||
    Node.isThrowStatement(statement)
  );
}

/** Whether a name that a statement declares means the same thing where it is used elsewhere. */
function isNeeded(statement: Statement, elsewhere: readonly Statement[]): boolean {
  const names = declared(statement);
  if (names.size === 0) return false;
  return elsewhere.some(other =>
    other.getDescendants().some(
      node =>
        Node.isIdentifier(node) &&
        names.has(node.getText()) &&
        node
          .getSymbol()
          ?.getDeclarations()
          .some(declaration => declaration.getFirstAncestor(up => up === statement) !== undefined) === true,
    ),
  );
}

function declared(statement: Statement): Set<string> {
  const names = new Set<string>();
  if (Node.isVariableStatement(statement))
    for (const variable of statement.getDeclarations()) addPattern(variable.getNameNode(), names);
  return names;
}

function isPure(statement: Statement): boolean {
  return (
    Node.isVariableStatement(statement) &&
    statement.getDeclarations().every(variable => {
      const value = variable.getInitializer();
      return (
        value === undefined ||
        Node.isLiteralExpression(value) ||
        Node.isArrowFunction(value) ||
        Node.isFunctionExpression(value)
      );
    })
  );
}

/** One block in place of the last of them; the others leave their places. */
function replaced(document: FixDocument, statements: readonly Statement[], wrap: (body: string) => string): TextEdit[] {
  const { text, source } = document;
  const lineBreak = lineBreakOf(text);
  const unit = indentUnit(text);
  const groups = neighbours(source.getStatements(), statements);
  const indented = groups.map(({ start, end }) => unit + reindent(source, start, end, line => unit + line));
  const last = groups.at(-1);
  if (last === undefined) return [];
  const edits = groups.slice(0, -1).map(({ start, end }) => ({ ...wholeLines(text, start, end), text: '' }));
  const body = lineBreak + indented.join(lineBreak) + lineBreak;
  return [...edits, { start: last.start, end: last.end, text: wrap(body) }];
}

/** Ranges of statements that follow one another. */
function neighbours(all: readonly Statement[], wanted: readonly Statement[]): { start: number; end: number }[] {
  const groups: { start: number; end: number }[] = [];
  let previous = -2;
  for (const statement of wanted) {
    const index = all.indexOf(statement);
    const last = groups.at(-1);
    if (last !== undefined && index === previous + 1) last.end = statement.getEnd();
    else groups.push({ start: startWithComments(statement), end: statement.getEnd() });
    previous = index;
  }
  return groups;
}
