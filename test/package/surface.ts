import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

/** The repository, seen from test/dist/package. */
export const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../../..');
const runtime = path.join(root, 'runtime');

interface Conditions {
  readonly import: { readonly types: string; readonly default: string };
  readonly require: { readonly types: string; readonly default: string };
}

const manifest = JSON.parse(fs.readFileSync(path.join(runtime, 'package.json'), 'utf8')) as {
  exports: Record<string, Conditions | string>;
};

/** What the package offers to import: `manycore`, `manycore/inspect`, …, with the files behind it. */
export const entries: readonly { readonly specifier: string; readonly files: Conditions }[] = Object.entries(
  manifest.exports,
).flatMap(([name, files]) =>
  typeof files === 'string' ? [] : { specifier: path.posix.join('manycore', name), files },
);

/** Where the agreed surface of an entry is kept. */
export const listingOf = (specifier: string): string =>
  path.join(root, 'test/package/api', `${specifier.replaceAll('/', '-')}.txt`);

export interface Exported {
  readonly symbol: ts.Symbol;
  /** Whether there is something of that name at run time. */
  readonly isValue: boolean;
}

/** A program of the package's declarations, and what each entry exports. */
export function readDeclarations(): {
  readonly checker: ts.TypeChecker;
  exportsOf(specifier: string): ReadonlyMap<string, Exported>;
} {
  const typesOf = ({ files }: (typeof entries)[number]): string => path.join(runtime, files.import.types);
  const program = ts.createProgram(entries.map(typesOf), {
    module: ts.ModuleKind.NodeNext,
    moduleResolution: ts.ModuleResolutionKind.NodeNext,
    target: ts.ScriptTarget.ES2022,
    lib: ['lib.es2023.d.ts', 'lib.esnext.disposable.d.ts'],
    strict: true,
    types: ['node'],
  });
  const checker = program.getTypeChecker();
  return {
    checker,
    exportsOf(specifier) {
      const entry = entries.find(one => one.specifier === specifier);
      const source = entry && program.getSourceFile(typesOf(entry));
      const module = source && checker.getSymbolAtLocation(source);
      if (module === undefined) throw new Error(`${specifier}: no declarations; build them with npx tsc -b runtime`);
      const names = checker.getExportsOfModule(module).map(exported => {
        const symbol = resolved(checker, exported);
        const typeOnly = exported.declarations?.some(ts.isTypeOnlyExportDeclaration) === true;
        return [exported.name, { symbol, isValue: !typeOnly && (symbol.flags & ts.SymbolFlags.Value) !== 0 }] as const;
      });
      return new Map(names.sort(([a], [b]) => (a < b ? -1 : 1)));
    },
  };
}

export const resolved = (checker: ts.TypeChecker, symbol: ts.Symbol): ts.Symbol =>
  (symbol.flags & ts.SymbolFlags.Alias) === 0 ? symbol : checker.getAliasedSymbol(symbol);

const printer = ts.createPrinter({ removeComments: true });

/** A declaration without comments, without what is private, and on as few lines as its members. */
function printed(node: ts.Declaration): string {
  const whole = ts.isVariableDeclaration(node) ? node.parent.parent : node;
  return printer
    .printNode(ts.EmitHint.Unspecified, whole, node.getSourceFile())
    .replace(/^ +(#private|private [^\n]*);\n/gm, '')
    .replace(/^(export )?(declare )?/, '')
    .replace(/\[\n\s*([^[\]]*?)\n\s*\]/g, (_, items: string) => `[${items.replace(/\n\s*/g, ' ')}]`)
    .replace(/^(?: {4})+/gm, indent => indent.slice(indent.length / 2));
}

/** A declaration of the package at the top of its module. */
function isOurs(symbol: ts.Symbol): boolean {
  const [declaration] = symbol.declarations ?? [];
  if (!declaration?.getSourceFile().fileName.startsWith(path.join(runtime, 'dist/types'))) return false;
  const top = ts.isVariableDeclaration(declaration) ? declaration.parent.parent : declaration;
  return !ts.isSourceFile(top) && ts.isSourceFile(top.parent) && !ts.isImportDeclaration(top);
}

/**
 * All that an entry exports, by name, with its signatures; behind it the declarations of the package that these name
 * and that cannot be imported by themselves.
 */
export function surfaceOf(specifier: string): string {
  const { checker, exportsOf } = readDeclarations();
  const exported = exportsOf(specifier);
  const told = new Set([...exported.values()].map(({ symbol }) => symbol));
  const others = new Map<string, ts.Symbol>();

  const follow = (node: ts.Node): void => {
    // What only the library itself makes or implements is not the reader's business.
    const apart =
      ts.isConstructorDeclaration(node) ||
      (ts.isHeritageClause(node) && node.token === ts.SyntaxKind.ImplementsKeyword) ||
      (ts.isClassElement(node) && node.name !== undefined && ts.isComputedPropertyName(node.name));
    if (apart) return;
    if (ts.isIdentifier(node)) {
      const found = checker.getSymbolAtLocation(node);
      const symbol = found && resolved(checker, found);
      if (symbol && !told.has(symbol) && isOurs(symbol)) {
        told.add(symbol);
        others.set(symbol.name, symbol);
        symbol.declarations?.forEach(follow);
      }
    }
    ts.forEachChild(node, follow);
  };
  for (const { symbol } of exported.values()) symbol.declarations?.forEach(follow);

  const show = (name: string, symbol: ts.Symbol): string => {
    const text = (symbol.declarations ?? []).map(printed).join('\n');
    return symbol.name === name ? text : `// exported as ${name}\n${text}`;
  };
  const shown = [...exported].map(([name, { symbol, isValue }]) => {
    const text = show(name, symbol);
    return !isValue && /^(abstract )?class |^function |^const /.test(text) ? `// as a type only:\n${text}` : text;
  });
  const hidden = [...others].sort(([a], [b]) => (a < b ? -1 : 1));
  return [
    `// What can be imported from '${specifier}'. Written by: npm run api`,
    ...shown,
    ...(hidden.length === 0 ? [] : ['// Named by the above, not exported:']),
    ...hidden.map(([name, symbol]) => show(name, symbol)),
  ]
    .map(text => `${text}\n`)
    .join('\n');
}
