import { ts } from '@ts-morph/common';
import { type ConstructApi, constructors, type CallApi, methods } from './runtimeApi.js';
import { type Symbols } from './symbols.js';
import { isAwaitUsing, isConst, member, memberValue, peel, spanOf, walk } from './syntax.js';
import { type ArgumentShape, type Runner } from './types.js';

export interface RuntimeNew {
  node: ts.NewExpression;
  name: string;
  api: ConstructApi;
  subclass: ts.ClassLikeDeclaration | undefined;
  options: ts.ObjectLiteralExpression | undefined;
}

export interface RuntimeCall {
  node: ts.CallExpression;
  owner: string;
  name: string;
  api: CallApi;
  receiver: ts.Expression;
}

/** Every construction and call of the runtime in a file. */
export function runtimeUses(source: ts.SourceFile, symbols: Symbols): { news: RuntimeNew[]; calls: RuntimeCall[] } {
  const news: RuntimeNew[] = [];
  const calls: RuntimeCall[] = [];
  walk(source, node => {
    if (ts.isNewExpression(node)) {
      const made = runtimeNew(node, symbols);
      if (made !== undefined) news.push(made);
    } else if (ts.isCallExpression(node)) {
      const method = symbols.runtimeMethod(node);
      const api = method === undefined ? undefined : methods[method.owner]?.[method.name];
      if (method !== undefined && api !== undefined) calls.push({ node, api, ...method });
    }
  });
  return { news, calls };
}

export function runtimeNew(node: ts.NewExpression, symbols: Symbols): RuntimeNew | undefined {
  const found = symbols.runtimeClass(node.expression);
  const api = found === undefined ? undefined : constructors[found.name];
  if (found === undefined || api === undefined) return undefined;
  const argument = node.arguments?.[0] === undefined ? undefined : peel(node.arguments[0]);
  const ownConstructor = found.subclass?.members.some(ts.isConstructorDeclaration) === true;
  const options =
    !ownConstructor && argument !== undefined && ts.isObjectLiteralExpression(argument) ? argument : undefined;
  return { node, name: found.name, api, subclass: found.subclass, options };
}

/** Whether what is made runs its functions in daemonic processes, as far as the construction and assignments show. */
export function daemonic(made: RuntimeNew, symbols: Symbols): Runner['daemonic'] {
  const { node, api, options, subclass } = made;
  const argument = node.arguments?.[0];
  const usual = api.daemonic ? 'yes' : 'no';
  const assigned = assignedDaemon(node, symbols);
  if (assigned !== undefined) return assigned;
  if (options !== undefined) {
    const value = memberValue(options, 'daemon');
    if (value !== undefined) return literal(value);
    return member(options, 'daemon') === undefined ? usual : 'unknown';
  }
  if (subclass?.members.some(ts.isConstructorDeclaration) === true) return 'unknown';
  if (argument === undefined) return usual;
  const type = symbols.checker.getTypeAtLocation(argument);
  return (type.flags & ts.TypeFlags.NumberLike) !== 0 ? usual : 'unknown';
}

function literal(value: ts.Expression): Runner['daemonic'] {
  const kind = peel(value).kind;
  if (kind === ts.SyntaxKind.TrueKeyword) return 'yes';
  return kind === ts.SyntaxKind.FalseKeyword ? 'no' : 'unknown';
}

/** `const p = new Process(…); p.daemon = true;` */
function assignedDaemon(node: ts.NewExpression, symbols: Symbols): Runner['daemonic'] | undefined {
  const declaration = node.parent;
  if (!ts.isVariableDeclaration(declaration) || !ts.isIdentifier(declaration.name)) return undefined;
  const name = declaration.name.text;
  const source = node.getSourceFile();
  if (!source.text.includes(`${name}.daemon`)) return undefined;
  let result: Runner['daemonic'] | undefined;
  walk(source, at => {
    if (!ts.isBinaryExpression(at) || at.operatorToken.kind !== ts.SyntaxKind.EqualsToken) return;
    if (!ts.isPropertyAccessExpression(at.left) || at.left.name.text !== 'daemon') return;
    if (symbols.variableOf(at.left.expression) === declaration)
      result = result === undefined ? literal(at.right) : 'unknown';
  });
  return result;
}

/** The construction behind the receiver of a method call: `new Pool()` itself, or a variable that only ever holds one. */
export function constructionOf(receiver: ts.Expression, symbols: Symbols): RuntimeNew | undefined {
  const value = peel(receiver);
  if (ts.isNewExpression(value)) return runtimeNew(value, symbols);
  const variable = symbols.variableOf(value);
  if (
    variable?.initializer === undefined ||
    !(isConst(variable) || isAwaitUsing(variable.parent as ts.VariableDeclarationList))
  )
    return undefined;
  const made = peel(variable.initializer);
  return ts.isNewExpression(made) ? runtimeNew(made, symbols) : undefined;
}

/** Where the arguments of a target are written, so that a fix can add to them. */
export function argumentShape(use: RuntimeNew | RuntimeCall): ArgumentShape | undefined {
  if ('options' in use) return optionShape(use);
  const { node, api, name } = use;
  // An executor's calls take their arguments one by one, behind the function.
  if (use.owner !== 'Pool') return undefined;
  const given = node.arguments[api.sends?.argument ?? 1];
  if (api.sends?.carries === 'elements') {
    if (given === undefined)
      return node.arguments[0] === undefined ? undefined : { kind: 'argument', after: spanOf(node.arguments[0]) };
    const array = peel(given);
    return ts.isArrayLiteralExpression(array)
      ? { kind: 'append', array: spanOf(array), empty: array.elements.length === 0 }
      : undefined;
  }
  if ((name !== 'map' && name !== 'mapAsync') || given === undefined || !ts.isPropertyAccessExpression(node.expression))
    return undefined;
  return { kind: 'starmap', member: spanOf(node.expression.name), items: spanOf(given) };
}

function optionShape({ options, api }: RuntimeNew): ArgumentShape | undefined {
  if (options === undefined || api.target === undefined) return undefined;
  const target = member(options, api.target.option);
  const args = member(options, api.target.args);
  if (target === undefined || target === 'hidden' || args === 'hidden') return undefined;
  if (args === undefined) return { kind: 'option', after: spanOf(target), name: api.target.args };
  const value = memberValue(options, api.target.args);
  const array = value === undefined ? undefined : peel(value);
  return array !== undefined && ts.isArrayLiteralExpression(array)
    ? { kind: 'append', array: spanOf(array), empty: array.elements.length === 0 }
    : undefined;
}
