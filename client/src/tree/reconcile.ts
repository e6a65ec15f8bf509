import type { Draft, Face, TreeNode } from './node.js';

/** What a refresh has to draw again: single rows, or everything when the top level changed. */
export type Changes = { readonly everything: boolean; readonly rows: readonly TreeNode[] };

const sameFace = (a: Face, b: Face) =>
  a.label === b.label &&
  a.description === b.description &&
  a.context === b.context &&
  a.icon.id === b.icon.id &&
  a.icon.color === b.icon.color &&
  a.tooltip === b.tooltip;

const sameRows = (before: readonly TreeNode[], after: readonly TreeNode[]) =>
  before.length === after.length && before.every((node, index) => node === after[index]);

function create(draft: Draft, parent: TreeNode | null): TreeNode {
  const node: TreeNode = {
    id: draft.id,
    kind: draft.kind,
    parent,
    face: draft.face,
    children: [],
    open: draft.open,
    process: draft.process ?? null,
    target: draft.target ?? '',
  };
  node.children = draft.children.map(child => create(child, node));
  return node;
}

/**
 * Brings rows up to date with their drafts and keeps the objects that stay: the editor knows a row by its object, and
 * asks again only for those it is told about. A row is told when its face or its set of children changed; what lies
 * below it is then asked for anyway.
 */
export function reconcile(
  before: readonly TreeNode[],
  drafts: readonly Draft[],
  parent: TreeNode | null,
): { rows: TreeNode[]; changes: Changes } {
  const known = new Map(before.map(node => [node.id, node]));
  const changed: TreeNode[] = [];
  const rows = drafts.map(draft => {
    const node = known.get(draft.id);
    if (!node || node.kind !== draft.kind) return create(draft, parent);
    const below = reconcile(node.children, draft.children, node);
    const told = below.changes.everything || !sameFace(node.face, draft.face);
    node.face = draft.face;
    node.children = below.rows;
    node.process = draft.process ?? null;
    node.target = draft.target ?? '';
    if (told) changed.push(node);
    else changed.push(...below.changes.rows);
    return node;
  });
  return { rows, changes: { everything: !sameRows(before, rows), rows: changed } };
}
