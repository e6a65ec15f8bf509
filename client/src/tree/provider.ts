import { readPrograms } from 'manycore/inspect';
import * as vscode from 'vscode';
import type { RunningJobs } from './runningJobs.js';
import { ProcessModel } from './model.js';
import type { TreeNode } from './node.js';
import type { Changes } from './reconcile.js';

/** Looking at the tables takes less than a millisecond a process; drawing rows does not. */
const refreshMs = 1000;

/** Draws the model, and keeps it up to date while somebody looks. */
export class ProcessTree implements vscode.TreeDataProvider<TreeNode>, vscode.Disposable {
  readonly model = new ProcessModel();
  readonly view: vscode.TreeView<TreeNode>;
  readonly #changed = new vscode.EventEmitter<TreeNode | TreeNode[] | undefined>();
  readonly onDidChangeTreeData = this.#changed.event;
  readonly #jobs: RunningJobs;
  #timer: NodeJS.Timeout | undefined;

  constructor(jobs: RunningJobs) {
    this.#jobs = jobs;
    this.view = vscode.window.createTreeView('manycore.processes', { treeDataProvider: this });
    this.view.onDidChangeVisibility(({ visible }) => (visible ? this.#watch() : this.#rest()));
    if (this.view.visible) this.#watch();
  }

  /** Looks at the tables now, visible or not. */
  refresh(): void {
    this.#draw(this.model.update(this.#jobs.shownIn(readPrograms())));
  }

  clearDead(): void {
    this.#draw(this.model.clearDead());
  }

  getChildren(node?: TreeNode): TreeNode[] {
    return node ? node.children : [...this.model.roots];
  }

  getParent(node: TreeNode): TreeNode | null {
    return node.parent;
  }

  getTreeItem(node: TreeNode): vscode.TreeItem {
    const { label, description, icon, context, tooltip } = node.face;
    const { None, Expanded, Collapsed } = vscode.TreeItemCollapsibleState;
    const item = new vscode.TreeItem(label, node.children.length === 0 ? None : node.open ? Expanded : Collapsed);
    // The editor opens a row by itself only when it first meets it; one that gets its first child counts as new.
    item.id = node.children.length === 0 ? `${node.id}/leaf` : node.id;
    item.description = description;
    item.tooltip = new vscode.MarkdownString(tooltip);
    item.iconPath = new vscode.ThemeIcon(icon.id, icon.color ? new vscode.ThemeColor(icon.color) : undefined);
    item.contextValue = context;
    item.accessibilityInformation = { label: `${label}, ${description.replaceAll(' · ', ', ')}` };
    return item;
  }

  dispose(): void {
    this.#rest();
    this.view.dispose();
    this.#changed.dispose();
  }

  #watch(): void {
    this.refresh();
    this.#timer ??= setInterval(() => this.refresh(), refreshMs);
  }

  #rest(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  #draw({ everything, rows }: Changes): void {
    if (everything) this.#changed.fire(undefined);
    else if (rows.length > 0) this.#changed.fire([...rows]);
  }
}
