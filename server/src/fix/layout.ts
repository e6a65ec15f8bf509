import { Node, type SourceFile, type Statement, SyntaxKind } from 'ts-morph';

/** Where a statement starts, with the comments that belong to it. */
export function startWithComments(statement: Node): number {
  return statement.getLeadingCommentRanges()[0]?.getPos() ?? statement.getStart();
}

/** The statement of the file that an offset is in. */
export function topLevelAt(source: SourceFile, offset: number): Statement | undefined {
  return source.getStatements().find(statement => statement.getStart() <= offset && offset < statement.getEnd());
}

/** The range of a statement with the rest of its line, when nothing else stands there. */
export function wholeLines(text: string, start: number, end: number): { start: number; end: number } {
  const lineStart = text.lastIndexOf('\n', start - 1) + 1;
  const from = text.slice(lineStart, start).trim() === '' ? lineStart : start;
  const rest = /^[ \t]*\r?\n/.exec(text.slice(end));
  return { start: from, end: rest === null || from !== lineStart ? end : end + rest[0].length };
}

/** Adds to or takes from the start of each line but the first; lines that begin inside a template are left alone. */
export function reindent(source: SourceFile, start: number, end: number, change: (line: string) => string): string {
  const text = source.getFullText();
  const templates = source
    .getDescendants()
    .filter(node => node.isKind(SyntaxKind.NoSubstitutionTemplateLiteral) || node.isKind(SyntaxKind.TemplateExpression))
    .map(node => [node.getStart(), node.getEnd()] as const);
  let at = start;
  const lines = text.slice(start, end).split('\n');
  return lines
    .map((line, index) => {
      const lineStart = at;
      at += line.length + 1;
      const inTemplate = templates.some(([from, to]) => from < lineStart && lineStart < to);
      return index === 0 || inTemplate || line.trim() === '' ? line : change(line);
    })
    .join('\n');
}

/** Names used as values or types below a node, without those of properties. */
export function namesUsed(node: Node): Set<string> {
  const names = new Set<string>();
  node.forEachDescendant(child => {
    if (!Node.isIdentifier(child)) return;
    const parent = child.getParent();
    if (Node.isPropertyAccessExpression(parent) && parent.getNameNode() === child) return;
    if (Node.isPropertyAssignment(parent) && parent.getNameNode() === child) return;
    names.add(child.getText());
  });
  return names;
}

/** Names that stand for something at the top level of the file. */
export function topLevelNames(source: SourceFile): Set<string> {
  const names = new Set<string>();
  for (const declaration of source.getImportDeclarations()) for (const name of namesUsed(declaration)) names.add(name);
  for (const statement of source.getStatements()) {
    if (Node.isVariableStatement(statement))
      for (const variable of statement.getDeclarations()) addPattern(variable.getNameNode(), names);
    else if (Node.isFunctionDeclaration(statement) || Node.isClassDeclaration(statement))
      names.add(statement.getName() ?? '');
  }
  return names;
}

export function addPattern(pattern: Node, names: Set<string>): void {
  if (Node.isIdentifier(pattern)) names.add(pattern.getText());
  else for (const name of namesUsed(pattern)) names.add(name);
}
