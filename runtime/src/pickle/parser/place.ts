import { isClass, isFunction, nameOf, node, type AstNode } from './ast.js';

/** A function at its module's top level: the name it has there, and of what it is a property, if of anything. */
export interface Binding {
  readonly local: string;
  readonly member: string;
  readonly isDefault: boolean;
}

/** The index of the function (or class) that V8 places at `offset`: at its parameters, or at its first character. */
export function targetIndex(path: readonly AstNode[], offset: number, wantClass: boolean): number {
  return path.findLastIndex(at => {
    if (wantClass) return isClass(at);
    const body = node(at['body']);
    return isFunction(at) && body !== null && offset <= body.start;
  });
}

/** Transpilers keep a function's name by passing it through a helper that gives it back. */
const NAMING = /^_?_?(name|setFunctionName)$/;

/** The top-level name of the node at `index`, null when it has none. */
export function bindingOf(path: readonly AstNode[], index: number): Binding | null {
  const target = path[index];
  const parent = path[index - 1];
  if (target === undefined || parent === undefined) return null;
  if (parent.type === 'ExportDefaultDeclaration') {
    return { local: nameOf(target['id']) ?? '', member: '', isDefault: true };
  }
  if (target.type.endsWith('Declaration')) {
    const name = isTopLevel(parent) ? nameOf(target['id']) : null;
    return name === null ? null : { local: name, member: '', isDefault: false };
  }
  switch (parent.type) {
    case 'CallExpression': {
      const [first] = parent['arguments'] as readonly unknown[];
      return first === target && NAMING.test(nameOf(parent['callee']) ?? '') ? bindingOf(path, index - 1) : null;
    }
    case 'VariableDeclarator':
      return parent['init'] === target ? topLevelName(path, index - 3, nameOf(parent['id'])) : null;
    case 'AssignmentExpression':
      return parent['right'] === target ? topLevelName(path, index - 3, nameOf(parent['left'])) : null;
    case 'MethodDefinition':
    case 'PropertyDefinition':
      return parent['static'] === true ? memberOf(parent, target, bindingOf(path, index - 3)) : null;
    case 'Property':
      return memberOf(parent, target, bindingOf(path, index - 2));
    default:
      return null;
  }
}

function topLevelName(path: readonly AstNode[], holder: number, name: string | null): Binding | null {
  const at = path[holder];
  if (at === undefined || !isTopLevel(at) || name === null) return null;
  return { local: name, member: '', isDefault: false };
}

function isTopLevel({ type }: AstNode): boolean {
  return type === 'Program' || type === 'ExportNamedDeclaration';
}

function memberOf(property: AstNode, target: AstNode, holder: Binding | null): Binding | null {
  const name = nameOf(property['key']);
  const plain = property['computed'] !== true && node(property['key'])?.type !== 'PrivateIdentifier';
  const isMethod = property['kind'] === undefined || property['kind'] === 'method' || property['kind'] === 'init';
  if (holder === null || holder.member !== '' || name === null || !plain || !isMethod) return null;
  return property['value'] === target ? { ...holder, member: name } : null;
}

/** Why the node at `index` has no top-level name, and what to do. */
export function whyHidden(path: readonly AstNode[], index: number): { reason: string; mend: string } {
  const parent = path[index - 1];
  const owner = path[index - 3];
  if (parent?.type === 'MethodDefinition' && owner !== undefined && isClass(owner)) {
    const name = nameOf(owner['id']);
    const kind =
      parent['static'] === true ? 'a static method' : parent['kind'] === 'method' ? 'a method' : 'an accessor';
    return {
      reason: `it is ${kind} of ${name === null ? 'a class' : `class '${name}'`}`,
      mend: 'Send the object, and call the method in an exported function.',
    };
  }
  const around = path.findLastIndex((at, i) => i < index && (isFunction(at) || at.type === 'StaticBlock'));
  if (around >= 0) {
    const name = functionName(path, around);
    return {
      reason: `it is nested inside ${name === null ? 'another function' : `'${name}'`}`,
      mend: 'Move it to the top level of its module and export it.',
    };
  }
  return {
    reason: 'it is written in place, so no export of its module is this function',
    mend: 'Give it a name at the top level of its module and export it.',
  };
}

function functionName(path: readonly AstNode[], index: number): string | null {
  const own = nameOf(path[index]?.['id']);
  if (own !== null) return own;
  const parent = path[index - 1];
  if (parent?.type === 'VariableDeclarator') return nameOf(parent['id']);
  return parent?.type === 'MethodDefinition' || parent?.type === 'Property' ? nameOf(parent['key']) : null;
}
