import { parse, type Options } from 'acorn';

/** What is used of a syntax tree's nodes; fields are read through the helpers below, which check what they find. */
export interface AstNode {
  readonly type: string;
  readonly start: number;
  readonly end: number;
  readonly [field: string]: unknown;
}

export interface Program {
  readonly isModule: boolean;
  readonly root: AstNode;
}

let last: { readonly source: string; readonly program: Program | null } | null = null;

/** As `parse`, for one source several times in a row: the functions of one module are often sent together. */
export function parseProgram(source: string): Program | null {
  if (last?.source !== source) last = { source, program: parseEither(source) };
  return last.program;
}

/** Parses a module, or else a CommonJS script; null for text that neither is (newer syntax than the parser knows). */
function parseEither(source: string): Program | null {
  const module = tryParse(source, { ecmaVersion: 'latest', sourceType: 'module', allowHashBang: true });
  if (module !== null && isModule(module, source)) return { isModule: true, root: module };
  const script = tryParse(source, {
    ecmaVersion: 'latest',
    sourceType: 'script',
    allowHashBang: true,
    allowReturnOutsideFunction: true,
  });
  const root = script ?? module;
  return root === null ? null : { isModule: false, root };
}

function tryParse(source: string, options: Options): AstNode | null {
  try {
    return parse(source, options) as unknown as AstNode;
  } catch {
    return null;
  }
}

function isModule(root: AstNode, source: string): boolean {
  return (
    nodes(root['body']).some(node => /^(Import|Export)/.test(node.type)) ||
    /\bimport\s*\.\s*meta\b/.test(source) ||
    tryParse(source, { ecmaVersion: 'latest', sourceType: 'script', allowReturnOutsideFunction: true }) === null
  );
}

export function isNode(value: unknown): value is AstNode {
  return typeof value === 'object' && value !== null && typeof (value as { type?: unknown }).type === 'string';
}

export function node(value: unknown): AstNode | null {
  return isNode(value) ? value : null;
}

export function nodes(value: unknown): readonly AstNode[] {
  return Array.isArray(value) ? value.filter(isNode) : [];
}

/** The name an identifier, a private name or a literal key spells. */
export function nameOf(value: unknown): string | null {
  const at = node(value);
  if (at === null) return null;
  if (at.type === 'Identifier' || at.type === 'PrivateIdentifier') return String(at['name']);
  return at.type === 'Literal' ? String(at['value']) : null;
}

export const isFunction = ({ type }: AstNode): boolean =>
  type === 'FunctionDeclaration' || type === 'FunctionExpression' || type === 'ArrowFunctionExpression';

export const isClass = ({ type }: AstNode): boolean => type === 'ClassDeclaration' || type === 'ClassExpression';

/** The nodes around an offset, outermost first. */
export function nodesAround(root: AstNode, offset: number): readonly AstNode[] {
  const path: AstNode[] = [];
  for (let at: AstNode | undefined = root; at !== undefined;) {
    path.push(at);
    at = Object.values<unknown>(at)
      .flatMap(value => (Array.isArray(value) ? value : [value]))
      .filter(isNode)
      .find(child => child.start <= offset && offset < child.end);
  }
  return path;
}
