import { ts } from '@ts-morph/common';

/** Whether a module is an ES module when it runs: that decides between `import.meta` and `module`. */
export function moduleKind(source: ts.SourceFile, options: ts.CompilerOptions): 'esm' | 'cjs' {
  const { fileName } = source;
  if (/\.m[jt]s$/.test(fileName)) return 'esm';
  if (/\.c[jt]s$/.test(fileName)) return 'cjs';
  const hasSyntax = source.statements.some(
    statement =>
      ts.isImportDeclaration(statement) ||
      ts.isExportDeclaration(statement) ||
      ts.isExportAssignment(statement) ||
      (ts.canHaveModifiers(statement) &&
        ts.getModifiers(statement)?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword) === true),
  );
  if (!hasSyntax) return 'cjs';
  if (/\.jsx?$/.test(fileName)) return 'esm';
  return options.module === ts.ModuleKind.CommonJS ? 'cjs' : 'esm';
}
