/** What a row of the Processes tree is, apart from how the editor draws it. Nothing in here knows the editor. */

export type NodeKind = 'program' | 'process' | 'pool' | 'worker' | 'task' | 'more';

/** One row as it is seen. Two equal faces look the same, so nothing needs to be drawn again. */
export interface Face {
  readonly label: string;
  readonly description: string;
  /** Markdown. */
  readonly tooltip: string;
  /** A codicon and, where it carries meaning, the id of a theme colour. */
  readonly icon: { readonly id: string; readonly color?: string };
  /** What the menus ask for: words such as `worker.alive.target`. */
  readonly context: string;
}

/** Names one process for ever; a pid alone does not, since pids are reused. */
export interface ProcessRef {
  readonly programDir: string;
  readonly slot: number;
  readonly generation: number;
  readonly pid: number;
  /** Epoch milliseconds. */
  readonly startedAt: number;
}

/** A row. The object stays the same as long as the row exists; its face and children are replaced. */
export interface TreeNode {
  /** The same for the same thing at every refresh. */
  readonly id: string;
  readonly kind: NodeKind;
  readonly parent: TreeNode | null;
  face: Face;
  children: TreeNode[];
  /** Whether it opens when it is first seen. */
  readonly open: boolean;
  /** The process behind the row, if it is one that can be signalled or copied. */
  process: ProcessRef | null;
  /** `file:///…#name` of what it runs; empty when unknown. */
  target: string;
}

/** A row before it met the tree that is on the screen. */
export interface Draft {
  readonly id: string;
  readonly kind: NodeKind;
  readonly face: Face;
  readonly open: boolean;
  readonly process?: ProcessRef;
  readonly target?: string;
  readonly children: readonly Draft[];
}
