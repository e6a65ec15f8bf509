import { ts } from '@ts-morph/common';

const FLAGS = ts.TypeFormatFlags.NoTruncation;

/**
 * A type written out so that it can annotate a parameter at the top level of `at`'s file; undefined when it names
 * something that only exists around `at`, or nothing useful is known.
 */
export function printableType(type: ts.Type, checker: ts.TypeChecker, at: ts.Node): string | undefined {
  const widened = checker.getBaseTypeOfLiteralType(type);
  if ((widened.flags & (ts.TypeFlags.TypeParameter | ts.TypeFlags.Never)) !== 0) return undefined;
  if ((widened.flags & ts.TypeFlags.Any) !== 0) return 'any';
  const text = checker.typeToString(widened, at.getSourceFile(), FLAGS);
  if (/\bimport\(|\btypeof\b|\bunique symbol\b|__type|\bunknown\b.*=>|…|\.\.\. \d+ more/.test(text)) return undefined;
  return namesAreGlobal(widened, new Set()) ? text : undefined;
}

/** Whether every named type in it is declared at the top level of a module or globally. */
function namesAreGlobal(type: ts.Type, seen: Set<ts.Type>): boolean {
  if (seen.has(type)) return true;
  seen.add(type);
  if ((type.flags & ts.TypeFlags.TypeParameter) !== 0) return false;
  for (const symbol of [type.aliasSymbol, type.getSymbol() as ts.Symbol | undefined]) {
    const declaration = symbol?.declarations?.[0];
    if (declaration === undefined || !isNamedType(declaration)) continue;
    if (!ts.isSourceFile(declaration.parent) && !ts.isModuleBlock(declaration.parent)) return false;
  }
  const inner = [
    ...(type.aliasTypeArguments ?? []),
    ...(type.isUnionOrIntersection() ? type.types : []),
    ...((type as ts.TypeReference).typeArguments ?? []),
  ];
  return inner.every(part => namesAreGlobal(part, seen));
}

function isNamedType(node: ts.Node): boolean {
  return (
    ts.isClassLike(node) ||
    ts.isInterfaceDeclaration(node) ||
    ts.isTypeAliasDeclaration(node) ||
    ts.isEnumDeclaration(node)
  );
}
