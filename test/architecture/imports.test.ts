import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

/** The repository, seen from test/dist/architecture. */
const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../../..');

/** The runtime's folders, lowest first: a folder imports itself and what stands before it. */
const LAYERS = ['platform', 'memory', 'sync', 'pickle', 'channel', 'process', 'pool', 'futures', 'logging'];
/** Readers of what programs publish: no part of that order. */
const READERS = ['inspect', 'cli'];
/** Modules below every layer. */
const GROUND = [
  'errors',
  'version',
  'clock',
  'lazyNode',
  'host',
  'code',
  'userModules',
  'optionNames',
  'callSites',
  'lastly',
  'home',
  'parts',
  'systemError',
  'textWidth',
];

interface Import {
  readonly file: string;
  readonly specifier: string;
  readonly typeOnly: boolean;
}

/** Every import of the folder's modules, read from their syntax: an `import` in a text of theirs is none. */
function importsOf(folder: string): Import[] {
  const files = fs
    .readdirSync(path.join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter(file => file.endsWith('.ts'));
  return files.flatMap(name => {
    const file = path.join(folder, name);
    const text = fs.readFileSync(path.join(root, file), 'utf8');
    const found: Import[] = [];
    const visit = (node: ts.Node): void => {
      const [specifier, typeOnly] = imported(node);
      if (specifier !== undefined && ts.isStringLiteral(specifier)) {
        found.push({ file, specifier: specifier.text, typeOnly });
      }
      ts.forEachChild(node, visit);
    };
    visit(ts.createSourceFile(file, text, ts.ScriptTarget.Latest));
    return found;
  });
}

/** The module a node names, and whether only its types are meant. */
function imported(node: ts.Node): [ts.Node | undefined, boolean] {
  if (ts.isImportDeclaration(node)) {
    return [node.moduleSpecifier, node.importClause?.phaseModifier === ts.SyntaxKind.TypeKeyword];
  }
  if (ts.isExportDeclaration(node)) return [node.moduleSpecifier, node.isTypeOnly];
  if (ts.isImportTypeNode(node)) return [ts.isLiteralTypeNode(node.argument) ? node.argument.literal : undefined, true];
  const calls = ts.isCallExpression(node) ? node.expression : undefined;
  const loads =
    calls !== undefined &&
    (calls.kind === ts.SyntaxKind.ImportKeyword || (ts.isIdentifier(calls) && calls.text === 'require'));
  return [loads && ts.isCallExpression(node) ? node.arguments[0] : undefined, false];
}

/** Where a relative import leads, as a path from the repository's root without its ending. */
function targetOf({ file, specifier }: Import): string {
  return path.join(path.dirname(file), specifier).replace(/\.[cm]?[jt]s$/, '');
}

const describe = (found: Import): string => `${found.file} imports '${found.specifier}'`;

/** What bundles begin with, and what children and bundlers load. */
const ENTRIES = ['index', 'context', 'nameClasses', 'main', 'loader', 'bundled', 'internals'];

test("every folder and every module of the runtime's root has its place in the order", () => {
  const here = fs.readdirSync(path.join(root, 'runtime/src'), { withFileTypes: true });
  const folders = here.filter(each => each.isDirectory()).map(({ name }) => name);
  const modules = here.filter(({ name }) => name.endsWith('.ts')).map(({ name }) => path.basename(name, '.ts'));
  assert.deepEqual(folders.sort(), [...LAYERS, ...READERS].sort());
  assert.deepEqual(modules.sort(), [...GROUND, ...ENTRIES].sort());
});

test('each layer of the runtime imports only itself and the layers below it', () => {
  const wrong = importsOf('runtime/src').filter(found => {
    if (!found.specifier.startsWith('.')) return false;
    const [layer = '', ...rest] = path.relative('runtime/src', found.file).split(path.sep);
    if (rest.length === 0) return false; // the entry points may import everything
    const [target = '', ...inside] = path.relative('runtime/src', targetOf(found)).split(path.sep);
    if (inside.length === 0) return !GROUND.includes(target);
    if (target === layer) return false;
    if (layer === 'inspect')
      return !['memory/tableLayout', 'platform/programsRoot'].includes(path.join(target, ...inside));
    // It is bundled apart from the library, and shares what it imports with it.
    if (layer === 'futures') return !['pool/ground', 'sync/aborted'].includes(path.join(target, ...inside));
    // The command reads what programs write, and is none of them.
    if (layer === 'cli') return target !== 'inspect';
    return LAYERS.indexOf(target) === -1 || LAYERS.indexOf(target) > LAYERS.indexOf(layer);
  });
  assert.deepEqual(wrong.map(describe), []);
});

test('the modules below every layer import no layer', () => {
  const wrong = importsOf('runtime/src').filter(
    found =>
      GROUND.includes(path.basename(found.file, '.ts')) &&
      path.dirname(found.file) === path.join('runtime', 'src') &&
      found.specifier.startsWith('.') &&
      !GROUND.includes(path.relative('runtime/src', targetOf(found))),
  );
  assert.deepEqual(wrong.map(describe), []);
});

test('only platform/ names the foreign-function library', () => {
  const wrong = importsOf('runtime/src').filter(
    found => found.specifier === 'koffi' && !found.file.startsWith(path.join('runtime', 'src', 'platform')),
  );
  assert.deepEqual(wrong.map(describe), []);
});

test('only platform/, and the readers of what programs publish, look into /proc', () => {
  const files = fs.readdirSync(path.join(root, 'runtime/src'), { recursive: true, encoding: 'utf8' });
  const wrong = files.filter(
    file =>
      file.endsWith('.ts') &&
      !/^(platform|inspect|cli)[\\/]/.test(file) &&
      fs.readFileSync(path.join(root, 'runtime/src', file), 'utf8').includes('/proc/'),
  );
  assert.deepEqual(wrong, []);
});

test('the runtime and the server import neither each other, nor the client, nor vscode', () => {
  const wrong = [...importsOf('runtime/src'), ...importsOf('server/src')].filter(
    found =>
      found.specifier === 'vscode' ||
      /^manycore(-check)?(\/|$)/.test(found.specifier) ||
      (found.specifier.startsWith('.') && !targetOf(found).startsWith(found.file.split(path.sep)[0] ?? '')),
  );
  assert.deepEqual(wrong.map(describe), []);
});

test("the client imports the server's protocol as types only, and of the runtime the table's reader alone", () => {
  const wrong = importsOf('client/src').filter(found => {
    if (found.specifier.startsWith('manycore-check')) return !found.typeOnly;
    if (found.specifier === 'manycore' || found.specifier.startsWith('manycore/')) {
      return found.specifier !== 'manycore/inspect' && !found.typeOnly;
    }
    if (!found.specifier.startsWith('.')) return false;
    return !targetOf(found).startsWith('client') && !(found.typeOnly && targetOf(found) === 'server/src/protocol');
  });
  assert.deepEqual(wrong.map(describe), []);
});
