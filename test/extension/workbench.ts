import * as assert from 'node:assert/strict';
import * as fs from 'node:fs';
import * as path from 'node:path';
import * as vscode from 'vscode';
import type { ManycoreApi } from '../../client/src/api.js';

/** The extension as the editor loaded it. Fails when it could not be activated or its server does not answer. */
export async function manycore(): Promise<ManycoreApi> {
  const extension = vscode.extensions.getExtension<ManycoreApi>('manycore.manycore-vscode');
  assert.ok(extension, 'the extension is installed');
  const api = await extension.activate();
  await api.serverReady;
  return api;
}

/** The workspace folder: empty when the suite begins, outside the project, nothing installed. */
export function workspaceFolder(): string {
  const [folder] = vscode.workspace.workspaceFolders ?? [];
  assert.ok(folder, 'a folder is open');
  return folder.uri.fsPath;
}

/** A new file in the workspace, opened in an editor. The text is typed, not written to the disk. */
export async function typed(name: string, text: string): Promise<vscode.TextDocument> {
  const file = path.join(workspaceFolder(), name);
  fs.mkdirSync(path.dirname(file), { recursive: true });
  fs.writeFileSync(file, '');
  const document = await vscode.workspace.openTextDocument(file);
  const editor = await vscode.window.showTextDocument(document, { preview: false });
  const whole = new vscode.Range(new vscode.Position(0, 0), document.lineAt(document.lineCount - 1).range.end);
  assert.ok(await editor.edit(edit => edit.replace(whole, text)), 'the text was typed');
  return document;
}
