import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import * as library from 'manycore';
import ts from 'typescript';
import { readDeclarations } from '../package/surface.js';
import { textOf } from './blocks.js';

interface Told {
  readonly code: string;
  readonly carries: readonly string[];
}

const spansOf = (text: string): string[] => [...text.matchAll(/`([^`]+)`/g)].map(([, span = '']) => span);

/** What the tables of the page say of each error. */
function toldOf(page: string): Map<string, Told> {
  const rows = page.split('\n').filter(line => /^\| `[A-Z]\w+`/.test(line));
  return new Map(
    rows.map(row => {
      const [, error = '', code = ''] = row.split('|');
      const [name = '', ...carries] = spansOf(error);
      return [name, { code: spansOf(code)[0] ?? code.trim(), carries }];
    }),
  );
}

/** What the declarations say of each exported class of errors. */
function realOnes(): Map<string, Told> {
  const { checker, exportsOf } = readDeclarations();
  const found = new Map<string, Told>();
  for (const [name, { symbol, isValue }] of exportsOf('manycore')) {
    const value: unknown = (library as Record<string, unknown>)[name];
    if (!isValue || typeof value !== 'function' || !(value.prototype instanceof Error)) continue;
    const type = checker.getDeclaredTypeOfSymbol(symbol);
    const own = type.getProperties().filter(property => {
      const [declaration] = property.declarations ?? [];
      const inside = declaration?.parent;
      return inside !== undefined && ts.isClassDeclaration(inside) && inside.name?.text === name;
    });
    const code = checker.getTypeOfSymbol(own.find(property => property.name === 'code') ?? symbol);
    found.set(name, {
      code: code.isStringLiteral() ? code.value : codeAtRunTime(value as new (message: string) => Error),
      carries: own.flatMap(property => (property.name === 'code' ? [] : property.name)),
    });
  }
  return found;
}

function codeAtRunTime(Class: new (...args: string[]) => Error): string {
  const { code } = new Class("the system's own", 'x') as Error & { code: string };
  return code;
}

describe('The tables of errors', () => {
  test('have every class, with its code and what it carries, and no other', () => {
    const sorted = (map: Map<string, Told>): [string, Told][] => [...map].sort(([a], [b]) => (a < b ? -1 : 1));
    const real = realOnes();
    assert.ok(real.size > 15);
    assert.deepEqual(sorted(toldOf(textOf('runtime/docs/errors.md'))), sorted(real));
  });

  test('name every class that extends ProcessError in the row of that', () => {
    const row = textOf('runtime/docs/errors.md')
      .split('\n')
      .find(line => line.startsWith('| `ProcessError`'));
    const heirs = [...realOnes().keys()].filter(name => {
      const value = (library as Record<string, unknown>)[name] as { prototype: unknown };
      return value.prototype instanceof library.ProcessError;
    });
    assert.deepEqual(
      heirs.filter(name => row?.includes(`\`${name}\``) !== true),
      [],
    );
  });
});
