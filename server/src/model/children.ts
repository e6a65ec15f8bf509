import { ts } from '@ts-morph/common';
import { type Symbols } from './symbols.js';
import { spanOf } from './syntax.js';
import { type FileFacts, type Related } from './types.js';

/** Modules that hold something a child runs, with the place that hands it over. */
export function holders(facts: Iterable<FileFacts>): Map<string, Related> {
  const found = new Map<string, Related>();
  const note = (file: string, related: Related): void => {
    if (!found.has(file)) found.set(file, related);
  };
  const all = [...facts];
  for (const { form, span, runner } of all.flatMap(({ targets }) => targets)) {
    if (form.kind === 'importable')
      note(form.file, {
        span,
        message: `a child imports this module to run '${form.exportName}', given to ${runner.name} here`,
      });
  }
  for (const { targets, constructed } of all) {
    for (const { form, span, runner } of targets) {
      if (form.kind === 'unexported' || form.kind === 'closure') {
        note(form.declaration.file, {
          span,
          message: `a child has to import this module to run what is given to ${runner.name} here`,
        });
      }
    }
    for (const { span, run, name } of constructed) {
      note(run.file, { span, message: `a child imports this module to run ${name}, made here` });
    }
  }
  return found;
}

/** Modules that importing `source` runs: not those imported for their types alone, nor those loaded on demand. */
export function importsOf(source: ts.SourceFile, symbols: Symbols): { file: string; at: Related['span'] }[] {
  const found: { file: string; at: Related['span'] }[] = [];
  for (const statement of source.statements) {
    const specifier = runtimeImport(statement, symbols);
    if (specifier === undefined) continue;
    const module = symbols.checker.getSymbolAtLocation(specifier)?.valueDeclaration;
    if (module !== undefined && ts.isSourceFile(module) && !module.isDeclarationFile) {
      found.push({ file: module.fileName, at: spanOf(specifier) });
    }
  }
  return found;
}

function runtimeImport(statement: ts.Statement, symbols: Symbols): ts.Expression | undefined {
  if (ts.isExportDeclaration(statement)) return statement.isTypeOnly ? undefined : statement.moduleSpecifier;
  if (ts.isImportDeclaration(statement))
    return onlyTypes(statement.importClause, symbols) ? undefined : statement.moduleSpecifier;
  if (ts.isImportEqualsDeclaration(statement) && ts.isExternalModuleReference(statement.moduleReference)) {
    return statement.isTypeOnly ? undefined : statement.moduleReference.expression;
  }
  if (!ts.isVariableStatement(statement)) return undefined;
  const value = statement.declarationList.declarations[0]?.initializer;
  if (value === undefined || !ts.isCallExpression(value) || value.expression.getText() !== 'require') return undefined;
  return value.arguments[0];
}

/** Imports of nothing but types leave no trace at run time, whether they say `type` or not. */
function onlyTypes(clause: ts.ImportClause | undefined, { checker }: Symbols): boolean {
  if (clause === undefined) return false;
  if (clause.phaseModifier === ts.SyntaxKind.TypeKeyword) return true;
  const { namedBindings } = clause;
  if (clause.name !== undefined || namedBindings === undefined || !ts.isNamedImports(namedBindings)) return false;
  return (
    namedBindings.elements.length > 0 &&
    namedBindings.elements.every(element => {
      if (element.isTypeOnly) return true;
      const symbol = checker.getSymbolAtLocation(element.name);
      const target =
        symbol !== undefined && (symbol.flags & ts.SymbolFlags.Alias) !== 0 ? checker.getAliasedSymbol(symbol) : symbol;
      return (
        target !== undefined &&
        (target.flags & ts.SymbolFlags.Type) !== 0 &&
        (target.flags & ts.SymbolFlags.Value) === 0
      );
    })
  );
}
