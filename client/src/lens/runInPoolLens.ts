import * as vscode from 'vscode';
import type { LanguageClient } from 'vscode-languageclient/node';
import { selector } from '../config/languages.js';
import { settings } from '../config/settings.js';
import { runnableFunctions } from '../language/runnable.js';

/** "Run in pool" above every exported function that a pool can run. */
export class RunInPoolLens implements vscode.CodeLensProvider, vscode.Disposable {
  readonly #client: LanguageClient;
  readonly #changed = new vscode.EventEmitter<void>();
  readonly #disposables: vscode.Disposable[];
  readonly onDidChangeCodeLenses = this.#changed.event;

  constructor(client: LanguageClient) {
    this.#client = client;
    this.#disposables = [
      this.#changed,
      vscode.languages.registerCodeLensProvider(selector, this),
      vscode.workspace.onDidChangeConfiguration(change => {
        if (change.affectsConfiguration('manycore.codeLens')) this.refresh();
      }),
    ];
  }

  refresh(): void {
    this.#changed.fire();
  }

  async provideCodeLenses(document: vscode.TextDocument, token: vscode.CancellationToken): Promise<vscode.CodeLens[]> {
    if (!settings(document.uri).codeLensEnabled || !vscode.workspace.isTrusted) return [];
    const functions = await runnableFunctions(this.#client, document, token);
    return functions.map(({ range, exportName, name }) => {
      const { start, end } = range;
      return new vscode.CodeLens(new vscode.Range(start.line, start.character, end.line, end.character), {
        title: '$(run-all) Run in pool',
        tooltip: `Run ${name} over a list of inputs in a pool of processes`,
        command: 'manycore.runInPool',
        arguments: [{ uri: document.uri, exportName }],
      });
    });
  }

  dispose(): void {
    for (const disposable of this.#disposables) disposable.dispose();
  }
}
