import * as vscode from 'vscode';
import type { TreeNode } from '../tree/node.js';

/** Opens the module that a process runs and puts the cursor on the function, where its name can be found. */
export const revealTarget = () => async (node?: TreeNode) => {
  if (!node?.target) return;
  const [module = '', name = ''] = node.target.split('#', 2);
  const uri = module.startsWith('file:') ? vscode.Uri.parse(module, true) : vscode.Uri.file(module);
  try {
    const document = await vscode.workspace.openTextDocument(uri);
    const at = document.positionAt(placeOf(name, document.getText()));
    await vscode.window.showTextDocument(document, { selection: new vscode.Range(at, at) });
  } catch (error) {
    void vscode.window.showErrorMessage(`Cannot open ${uri.fsPath}: ${String(error)}`);
  }
};

/** Offset of a declaration in a module's text; the start of the module when it is not there by that name. */
function placeOf(name: string, text: string): number {
  const word = name === 'default' ? 'export\\s+default\\b' : name.replace(/[^\w$]/g, '').replaceAll('$', '\\$');
  if (!word) return 0;
  const declaration = name === 'default' ? word : `\\b(?:function\\s*\\*?|class|const|let|var)\\s+${word}\\b`;
  return new RegExp(declaration).exec(text)?.index ?? 0;
}
