import { Node } from 'ts-morph';
import { RUNTIME_PACKAGE } from '../engine/scan.js';
import { type FixDocument, lineBreakOf } from './document.js';
import { type TextEdit } from './edits.js';

export interface Named {
  /** How to write the name here: `isMain`, `mp.isMain`. */
  text: string;
  edits: TextEdit[];
}

/** Makes a name of the runtime usable in a file, with the import the file already has if it can be. */
export function runtimeName(document: FixDocument, name: string): Named {
  return fromImport(document, name) ?? fromRequire(document, name) ?? added(document, name);
}

function fromImport({ source }: FixDocument, name: string): Named | undefined {
  for (const declaration of source.getImportDeclarations()) {
    if (declaration.getModuleSpecifierValue() !== RUNTIME_PACKAGE || declaration.isTypeOnly()) continue;
    const namespace = declaration.getNamespaceImport();
    if (namespace !== undefined) return { text: `${namespace.getText()}.${name}`, edits: [] };
    const named = declaration.getNamedImports();
    const known = named.find(specifier => specifier.getName() === name && !specifier.isTypeOnly());
    if (known !== undefined) return { text: known.getAliasNode()?.getText() ?? name, edits: [] };
    const last = named.at(-1);
    if (last !== undefined)
      return { text: name, edits: [{ start: last.getEnd(), end: last.getEnd(), text: `, ${name}` }] };
  }
  return undefined;
}

function fromRequire({ source }: FixDocument, name: string): Named | undefined {
  for (const declaration of source.getVariableDeclarations()) {
    const value = declaration.getInitializer();
    if (!Node.isCallExpression(value) || value.getExpression().getText() !== 'require') continue;
    const argument = value.getArguments()[0];
    if (!Node.isStringLiteral(argument) || argument.getLiteralText() !== RUNTIME_PACKAGE) continue;
    const pattern = declaration.getNameNode();
    if (Node.isIdentifier(pattern)) return { text: `${pattern.getText()}.${name}`, edits: [] };
    if (!Node.isObjectBindingPattern(pattern)) continue;
    const elements = pattern.getElements();
    const known = elements.find(element => (element.getPropertyNameNode()?.getText() ?? element.getName()) === name);
    if (known !== undefined) return { text: known.getName(), edits: [] };
    const last = elements.at(-1);
    if (last !== undefined)
      return { text: name, edits: [{ start: last.getEnd(), end: last.getEnd(), text: `, ${name}` }] };
  }
  return undefined;
}

function added(document: FixDocument, name: string): Named {
  const { source, text, facts } = document;
  const lineBreak = lineBreakOf(text);
  const usesImports = facts.moduleKind === 'esm' || source.getImportDeclarations().length > 0;
  const line = usesImports
    ? `import { ${name} } from '${RUNTIME_PACKAGE}';`
    : `const { ${name} } = require('${RUNTIME_PACKAGE}');`;
  const last = source.getImportDeclarations().at(-1);
  if (last !== undefined)
    return { text: name, edits: [{ start: last.getEnd(), end: last.getEnd(), text: lineBreak + line }] };
  const first = source.getStatements()[0];
  const start = first === undefined ? 0 : first.getStart();
  return { text: name, edits: [{ start, end: start, text: line + lineBreak }] };
}
