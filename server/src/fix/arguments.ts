import { Node } from 'ts-morph';
import { type ArgumentShape } from '../model/types.js';
import { type FixDocument, freshName, nodeAt } from './document.js';
import { type TextEdit } from './edits.js';

/** How many arguments a call writes down, as far as it can be counted. */
export function countArguments(document: FixDocument, shape: ArgumentShape): number | undefined {
  if (shape.kind === 'starmap') return 1;
  if (shape.kind !== 'append') return 0;
  const array = nodeAt(document, shape.array);
  if (!Node.isArrayLiteralExpression(array)) return undefined;
  return array.getElements().some(element => Node.isSpreadElement(element)) ? undefined : array.getElements().length;
}

/** Adds values to the arguments of a target, before or behind those it has. */
export function addArguments(
  document: FixDocument,
  shape: ArgumentShape,
  values: readonly string[],
  where: 'before' | 'behind',
): TextEdit[] {
  const list = values.join(', ');
  switch (shape.kind) {
    case 'append': {
      const { start, end } = shape.array;
      if (shape.empty) return [{ start, end, text: `[${list}]` }];
      if (where === 'before') return [{ start: start + 1, end: start + 1, text: `${list}, ` }];
      const array = nodeAt(document, shape.array);
      const last = Node.isArrayLiteralExpression(array) ? array.getElements().at(-1) : undefined;
      const at = last?.getEnd() ?? end - 1;
      return [{ start: at, end: at, text: `, ${list}` }];
    }
    case 'option':
      return [{ start: shape.after.end, end: shape.after.end, text: `, ${shape.name}: [${list}]` }];
    case 'argument':
      return [{ start: shape.after.end, end: shape.after.end, text: `, [${list}]` }];
    case 'starmap': {
      const { start, end } = shape.items;
      const item = freshName(document, 'item');
      const tuple = where === 'before' ? `${list}, ${item}` : `${item}, ${list}`;
      const items = document.text.slice(start, end);
      const member = document.text.slice(shape.member.start, shape.member.end);
      const cast = /\.[cm]?tsx?$/.test(document.file) ? ' as const' : '';
      return [
        { start: shape.member.start, end: shape.member.end, text: member === 'mapAsync' ? 'starmapAsync' : 'starmap' },
        { start, end, text: `Array.from(${items}, ${item} => [${tuple}]${cast})` },
      ];
    }
  }
}
