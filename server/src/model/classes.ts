import { ts } from '@ts-morph/common';
import { type Body } from './syntax.js';

/** The code of a class that runs when it is defined (`static`), or when one is made of it (`instance`). */
export function initializers(declaration: ts.ClassLikeDeclaration, when: 'instance'): Body[];
export function initializers(declaration: ts.ClassLikeDeclaration, when: 'static'): ts.Node[];
export function initializers(declaration: ts.ClassLikeDeclaration, when: 'static' | 'instance'): ts.Node[] {
  return declaration.members.filter(member => {
    if (ts.isClassStaticBlockDeclaration(member)) return when === 'static';
    if (ts.isConstructorDeclaration(member)) return when === 'instance' && member.body !== undefined;
    if (!ts.isPropertyDeclaration(member) || member.initializer === undefined) return false;
    return isStatic(member) === (when === 'static');
  });
}

const isStatic = (member: ts.PropertyDeclaration): boolean =>
  (ts.getCombinedModifierFlags(member) & ts.ModifierFlags.Static) !== 0;

/** What stands behind `extends`. */
export function classBase(declaration: ts.ClassLikeDeclaration): ts.Expression | undefined {
  const clause = declaration.heritageClauses?.find(({ token }) => token === ts.SyntaxKind.ExtendsKeyword);
  return clause?.types[0]?.expression;
}
