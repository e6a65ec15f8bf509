import * as path from 'node:path';
import * as vscode from 'vscode';
import { describeInputs, parseInputs } from './inputs.js';
import type { InputSource } from './messages.js';

/** The inputs a function was last run over are offered first. Kept with the workspace. */
export class RememberedInputs {
  readonly #memory: vscode.Memento;

  constructor(memory: vscode.Memento) {
    this.#memory = memory;
  }

  of(uri: vscode.Uri, exportName: string): string[] {
    return this.#memory.get<string[]>(this.#key(uri, exportName), []);
  }

  async add(uri: vscode.Uri, exportName: string, text: string): Promise<void> {
    const earlier = this.of(uri, exportName).filter(known => known !== text);
    await this.#memory.update(this.#key(uri, exportName), [text, ...earlier].slice(0, 5));
  }

  #key = (uri: vscode.Uri, exportName: string) => `inputs:${uri.toString()}#${exportName}`;
}

/** Asks over what a function is to be run; undefined when the person turns away. */
export async function askInputs(
  uri: vscode.Uri,
  name: string,
  params: readonly string[],
  remembered: readonly string[],
): Promise<InputSource | undefined> {
  const folder = path.dirname(uri.fsPath);
  const title = `Run ${name}(${params.join(', ')}) in a pool`;
  const type: vscode.QuickPickItem = { label: '$(edit) Type a list or a range…' };
  const file: vscode.QuickPickItem = {
    label: '$(folder-opened) Read a file…',
    description: 'JSON, CSV or lines of text',
  };
  const last = remembered.map(label => ({ label, iconPath: new vscode.ThemeIcon('history') }));
  const chosen = last.length === 0 ? type : await vscode.window.showQuickPick([...last, type, file], { title });
  if (!chosen) return undefined;
  if (chosen === file) {
    const [picked] = (await vscode.window.showOpenDialog({ title, defaultUri: vscode.Uri.file(folder) })) ?? [];
    return picked && { kind: 'file', path: picked.fsPath };
  }
  if (chosen !== type) return parseInputs(chosen.label, folder);
  const example = params.length > 1 ? `[[${params.map((_, index) => index + 1).join(', ')}]]` : '[1, 2, 3]';
  const typed = await vscode.window.showInputBox({
    title,
    prompt: `Inputs: a list such as ${example}, a range such as 1..10, or the path of a JSON, CSV or text file`,
    placeHolder: '1..10',
    value: remembered[0] ?? '',
    validateInput: text => problemOf(text, folder),
  });
  return typed === undefined ? undefined : parseInputs(typed, folder);
}

function problemOf(text: string, folder: string): string | null {
  try {
    describeInputs(parseInputs(text, folder));
    return null;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
