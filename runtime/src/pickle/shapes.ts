/**
 * Shapes: the list of keys of an object, found by walking a tree of transitions while the keys are enumerated, so that
 * naming the shape of an object costs one comparison a key and no allocation.
 */

/**
 * An append-only table of string lists that every process of a program sees (shapes and references live in it). Without
 * one, each message carries the lists it uses.
 */
export interface ShapeTable {
  /** The list's number (0 … 65535), entered if need be; -1 when the table is full or cannot take it. */
  idOf(keys: readonly string[]): number;
  /** The list with this number, `undefined` when there is none. */
  keysOf(id: number): readonly string[] | undefined;
}

const NOT_ASKED = -2;
const MAX_NODES = 16_384;
const MAX_KEYS = 128;
const MAX_CHILDREN = 256;
const MAX_FIRST_KEYS = 2_048;
const MAX_KEY_LENGTH = 200;

export class ShapeNode {
  readonly key: string;
  readonly parent: ShapeNode | null;
  readonly depth: number;
  /** The transition met first, kept apart: most nodes have no other. */
  firstKey: string | undefined = undefined;
  first: ShapeNode | null = null;
  others: Map<string, ShapeNode> | null = null;
  /** Number in the shared table; -1 it would not take the shape, -2 it was not asked yet. */
  tableId = NOT_ASKED;
  /** Number within the message being written; meaningful only to a writer whose list has this node there. */
  localIndex = 0;
  uses = 0;
  /** The keys as they are written in a trailer, made at first use. */
  block: Buffer | null = null;
  #keys: readonly string[] | null = null;

  constructor(key: string, parent: ShapeNode | null) {
    this.key = key;
    this.parent = parent;
    this.depth = parent === null ? 0 : parent.depth + 1;
  }

  get keys(): readonly string[] {
    if (this.#keys === null) {
      this.#keys = this.parent === null ? [] : [...this.parent.keys, this.key];
    }
    return this.#keys;
  }
}

export let root = new ShapeNode('', null);
let nodes = 1;
let table: ShapeTable | null = null;

/** Plugs in the program's shared table, or unplugs it; shapes met so far are asked for anew. */
export function useShapeTable(next: ShapeTable | null): void {
  table = next;
  forgetShapes();
}

export function shapeTable(): ShapeTable | null {
  return table;
}

/** Called between messages: a program that keeps inventing keys must not grow the tree for ever. */
export function forgetShapesWhenFull(): void {
  if (nodes >= MAX_NODES) forgetShapes();
}

function forgetShapes(): void {
  root = new ShapeNode('', null);
  nodes = 1;
}

/** The node for one more key, or `null` when this object is better written as pairs: a dictionary, not a record. */
export function step(node: ShapeNode, key: string): ShapeNode | null {
  if (node.firstKey === key) return node.first;
  return node.others?.get(key) ?? grow(node, key);
}

function grow(node: ShapeNode, key: string): ShapeNode | null {
  if (nodes >= MAX_NODES || node.depth >= MAX_KEYS || key.length > MAX_KEY_LENGTH || looksLikeIndex(key)) return null;
  const child = new ShapeNode(key, node);
  if (node.first === null) {
    node.firstKey = key;
    node.first = child;
  } else {
    const limit = node.depth === 0 ? MAX_FIRST_KEYS : MAX_CHILDREN;
    node.others ??= new Map();
    if (node.others.size >= limit) return null;
    node.others.set(key, child);
  }
  nodes++;
  return child;
}

function looksLikeIndex(key: string): boolean {
  const first = key.charCodeAt(0);
  return first >= 48 && first <= 57;
}

/** The shape's number in the shared table or -1. Shapes met only once are not worth a place in it. */
export function tableIdOf(node: ShapeNode): number {
  if (node.tableId !== NOT_ASKED) return node.tableId;
  if (table === null || ++node.uses < 2) return -1;
  return (node.tableId = table.idOf(node.keys));
}
