import * as vscode from 'vscode';
import type { Services } from '../services.js';
import type { TreeNode } from '../tree/node.js';
import { familyOf, killFamily } from '../tree/signals.js';

/** Kills the process of a row and everything it started, after asking. */
export const killTree = (services: Services) => async (node?: TreeNode) => {
  if (!node?.process) return;
  const count = familyOf(node.process).length;
  const what = `${node.face.label} (pid ${node.process.pid})${count > 1 ? ` and the ${count - 1} it started` : ''}`;
  // Under test nobody can answer: the editor refuses to open a modal question there.
  if (services.context.extensionMode !== vscode.ExtensionMode.Test) {
    const detail = 'SIGKILL cannot be caught: unfinished work is lost.';
    const answer = await vscode.window.showWarningMessage(`Kill ${what}?`, { modal: true, detail }, 'Kill');
    if (answer !== 'Kill') return;
  }
  try {
    killFamily(node.process);
  } catch (error) {
    void vscode.window.showErrorMessage(`Cannot kill ${what}: ${String(error)}`);
  }
  services.tree.refresh();
};
