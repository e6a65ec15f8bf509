import * as vscode from 'vscode';
import type { Services } from '../services.js';
import type { TreeNode } from '../tree/node.js';
import { signalProcess } from '../tree/signals.js';

/** Sends SIGTERM to the process of a row, as `Process.terminate()` does. */
export const terminateProcess = (services: Services) => (node?: TreeNode) => {
  if (!node?.process) return;
  try {
    if (!signalProcess(node.process, 'SIGTERM')) {
      void vscode.window.showInformationMessage(`${node.face.label} (pid ${node.process.pid}) has ended already.`);
    }
  } catch (error) {
    void vscode.window.showErrorMessage(`Cannot terminate ${node.face.label}: ${String(error)}`);
  }
  services.tree.refresh();
};
