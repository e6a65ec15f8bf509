import { ts } from '@ts-morph/common';
import { type RuntimeCall, type RuntimeNew } from './calls.js';
import { type Pickle } from './pickle.js';
import { type CallApi, type Carries } from './runtimeApi.js';
import { type Symbols } from './symbols.js';
import { memberValue, peel, shortText, spanOf } from './syntax.js';
import { type Send, type Verdict } from './types.js';

interface Parts {
  symbols: Symbols;
  pickle: Pickle;
}

const UNKNOWN: Verdict = { kind: 'unknown' };

/** Every value in the file that the runtime sends to another process, and only those. */
export function sendsOf(news: readonly RuntimeNew[], calls: readonly RuntimeCall[], parts: Parts): Send[] {
  const found: Send[] = [];
  for (const { api, options, name } of news) {
    const args = api.target === undefined || options === undefined ? undefined : memberValue(options, api.target.args);
    if (args !== undefined && api.target !== undefined)
      found.push(...carried(args, 'elements', `${api.target.args} of ${name}`, parts));
  }
  for (const { api, node, owner, name } of calls) {
    for (const argument of sentArguments(node, api.sends))
      found.push(...carried(argument, api.sends?.carries ?? 'value', `${owner}.${name}`, parts));
    const target = api.returns === true && api.target !== undefined ? node.arguments[api.target] : undefined;
    if (target !== undefined) found.push(...resultOf(target, `${owner}.${name}`, parts));
  }
  return found;
}

function sentArguments({ arguments: all }: ts.CallExpression, sends: CallApi['sends']): readonly ts.Expression[] {
  if (sends === undefined) return [];
  return all.slice(sends.argument, sends.onwards === true ? undefined : sends.argument + 1);
}

function carried(argument: ts.Expression, carries: Carries, position: string, parts: Parts): Send[] {
  const value = peel(argument);
  if (ts.isSpreadElement(value)) return [];
  if (carries === 'value') return [send(value, position, () => parts.pickle.ofExpression(value))];
  if (ts.isArrayLiteralExpression(value)) {
    return value.elements.flatMap(element => {
      if (ts.isSpreadElement(element)) return [];
      if (carries === 'tuples') return carried(element, 'elements', position, parts);
      return [send(element, position, () => parts.pickle.ofExpression(element))];
    });
  }
  return [send(value, position, () => itemsVerdict(value, carries, parts))];
}

function send(value: ts.Node, position: string, verdict: () => Verdict): Send {
  return { span: spanOf(value), position, text: shortText(value), verdict };
}

/** What the items of a typed iterable are like. */
function itemsVerdict(value: ts.Expression, carries: Carries, { symbols, pickle }: Parts): Verdict {
  const type = symbols.checker.getTypeAtLocation(value);
  const item = itemType(type, symbols.checker);
  if (item === undefined) return UNKNOWN;
  const inner = carries === 'tuples' ? itemType(item, symbols.checker) : item;
  const verdict = inner === undefined ? UNKNOWN : pickle.ofType(inner);
  return verdict.kind === 'bad'
    ? { ...verdict, path: [carries === 'tuples' ? '[…][…]' : '[…]', ...verdict.path], remedy: undefined }
    : verdict;
}

const ITERABLES = new Set([
  'Array',
  'ReadonlyArray',
  'Set',
  'ReadonlySet',
  'Iterable',
  'IterableIterator',
  'Generator',
]);

function itemType(type: ts.Type, checker: ts.TypeChecker): ts.Type | undefined {
  if (checker.isTupleType(type)) return checker.getTypeArguments(type as ts.TypeReference)[0];
  const name = (type.getSymbol() as ts.Symbol | undefined)?.name;
  return name !== undefined && ITERABLES.has(name) ? checker.getTypeArguments(type as ts.TypeReference)[0] : undefined;
}

/** The result of a task travels back. */
function resultOf(target: ts.Expression, position: string, { symbols, pickle }: Parts): Send[] {
  const value = peel(target);
  if (!ts.isIdentifier(value) && !ts.isPropertyAccessExpression(value)) return [];
  return [
    {
      ...send(value, `the result of ${shortText(value)} in ${position}`, () => {
        const signatures = symbols.checker.getTypeAtLocation(value).getCallSignatures();
        const result = signatures.length === 1 ? signatures[0]?.getReturnType() : undefined;
        const awaited = result === undefined ? undefined : (symbols.checker.getAwaitedType(result) ?? result);
        const verdict = awaited === undefined ? UNKNOWN : pickle.ofType(awaited);
        return verdict.kind === 'bad' ? { ...verdict, remedy: undefined } : verdict;
      }),
      text: 'result',
    },
  ];
}
