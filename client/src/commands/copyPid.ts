import * as vscode from 'vscode';
import type { TreeNode } from '../tree/node.js';

/** Puts the process's id on the clipboard. */
export const copyPid = () => async (node?: TreeNode) => {
  if (node?.process) await vscode.env.clipboard.writeText(String(node.process.pid));
};
