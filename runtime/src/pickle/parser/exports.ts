import { nameOf, node, nodes, type AstNode } from './ast.js';

/** Exported name → the module's own name for it; an anonymous default export has the empty one. */
export function exportedNames(root: AstNode): Map<string, string> {
  const names = new Map<string, string>();
  const aliases = constantAliases(root);
  const add = (exported: string | null, local: string | null): void => {
    if (exported !== null && local !== null) names.set(exported, aliases.get(local) ?? local);
  };
  for (const statement of nodes(root['body'])) {
    const declaration = node(statement['declaration']);
    if (statement.type === 'ExportDefaultDeclaration') {
      add('default', declaration?.type === 'Identifier' ? nameOf(declaration) : (nameOf(declaration?.['id']) ?? ''));
    }
    if (statement.type !== 'ExportNamedDeclaration' || node(statement['source']) !== null) continue;
    for (const specifier of nodes(statement['specifiers']))
      add(nameOf(specifier['exported']), nameOf(specifier['local']));
    if (declaration === null) continue;
    add(nameOf(declaration['id']), nameOf(declaration['id']));
    for (const variable of nodes(declaration['declarations'])) add(nameOf(variable['id']), nameOf(variable['id']));
  }
  return names;
}

/** `const a = b` at the top level: to export `a` is to export `b`. */
function constantAliases(root: AstNode): Map<string, string> {
  const aliases = new Map<string, string>();
  for (const statement of nodes(root['body'])) {
    const declaration = statement.type === 'ExportNamedDeclaration' ? node(statement['declaration']) : statement;
    if (declaration?.type !== 'VariableDeclaration' || declaration['kind'] !== 'const') continue;
    for (const variable of nodes(declaration['declarations'])) {
      const [name, init] = [nameOf(variable['id']), node(variable['init'])];
      const target = init?.type === 'Identifier' ? nameOf(init) : null;
      if (name !== null && target !== null) aliases.set(name, aliases.get(target) ?? target);
    }
  }
  return aliases;
}
