import { Node } from 'ts-morph';
import { type TargetForm } from '../model/types.js';
import { type Fix } from '../rules/rule.js';
import { type FixDocument, lineBreakOf, nodeOf } from './document.js';
import { type TextEdit } from './edits.js';

/** How a declaration becomes importable here: a keyword before it, an assignment behind it, a member elsewhere. */
export interface Exporting {
  prefix: string;
  suffix: string;
  edits: TextEdit[];
}

export function exporting(document: FixDocument, name: string): Exporting {
  const { source } = document;
  const isModule =
    document.facts.moduleKind === 'esm' ||
    source.getImportDeclarations().length > 0 ||
    source.getExportDeclarations().length > 0;
  if (isModule) return { prefix: 'export ', suffix: '', edits: [] };
  for (const statement of source.getStatements()) {
    if (!Node.isExpressionStatement(statement)) continue;
    const assignment = statement.getExpression();
    if (!Node.isBinaryExpression(assignment) || assignment.getLeft().getText() !== 'module.exports') continue;
    const value = assignment.getRight();
    if (Node.isObjectLiteralExpression(value)) {
      const at = value.getStart() + 1;
      const text = value.getProperties().length === 0 ? ` ${name} ` : ` ${name},`;
      return { prefix: '', suffix: '', edits: [{ start: at, end: at, text }] };
    }
    const end = statement.getEnd();
    return {
      prefix: '',
      suffix: '',
      edits: [{ start: end, end, text: `${lineBreakOf(document.text)}module.exports.${name} = ${name};` }],
    };
  }
  return { prefix: '', suffix: `${lineBreakOf(document.text)}exports.${name} = ${name};`, edits: [] };
}

type Unexported = Extract<TargetForm, { kind: 'unexported' }>;

export function exportFix(document: FixDocument, form: Unexported): Fix[] {
  if (form.declaration.file !== document.file) return [];
  const declaration = nodeOf(document, form.declaration, Node.isStatement);
  if (declaration === undefined) return [];
  return [
    {
      title: `Export '${form.name}'`,
      preferred: true,
      edits: () => {
        const { prefix, suffix, edits } = exporting(document, form.name);
        const all = [...edits];
        if (prefix !== '') all.push({ start: declaration.getStart(), end: declaration.getStart(), text: prefix });
        if (suffix !== '') all.push({ start: declaration.getEnd(), end: declaration.getEnd(), text: suffix });
        return all;
      },
    },
  ];
}
