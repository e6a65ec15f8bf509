import { randomBytes } from 'node:crypto';
import * as path from 'node:path';
import * as vscode from 'vscode';
import { toCsv, toJson, type Outcome } from './outcome.js';
import { resultsHtml } from './resultsHtml.js';

/** The table of results beside the editor: one panel, which always shows the last run. */
export class ResultsView implements vscode.Disposable {
  #panel: vscode.WebviewPanel | undefined;
  #outcome: Outcome | undefined;
  #again: (() => void) | undefined;

  /** What is on the screen, for the tests. */
  get outcome(): Outcome | undefined {
    return this.#outcome;
  }

  /** Shows a run. `again` is called when the person wants the same run once more. */
  show(outcome: Outcome, again: () => void): void {
    this.#outcome = outcome;
    this.#again = again;
    this.#panel ??= this.#open();
    this.#panel.title = `${outcome.functionName}: results`;
    this.#panel.webview.html = resultsHtml(outcome, randomBytes(16).toString('base64url'));
  }

  dispose(): void {
    this.#panel?.dispose();
  }

  #open(): vscode.WebviewPanel {
    const where = { viewColumn: vscode.ViewColumn.Beside, preserveFocus: true };
    const panel = vscode.window.createWebviewPanel('manycore.results', 'Results', where, { enableScripts: true });
    panel.onDidDispose(() => (this.#panel = undefined));
    panel.webview.onDidReceiveMessage((wish: unknown) => {
      if (wish === 'again') this.#again?.();
      else if (wish === 'json' || wish === 'csv') void this.#save(wish);
    });
    return panel;
  }

  async #save(format: 'json' | 'csv'): Promise<void> {
    const outcome = this.#outcome;
    if (!outcome) return;
    const name = `${outcome.functionName}-results.${format}`;
    const defaultUri = vscode.Uri.file(path.join(path.dirname(outcome.module), name));
    const target = await vscode.window.showSaveDialog({ defaultUri });
    if (!target) return;
    const text = format === 'json' ? toJson(outcome) : toCsv(outcome);
    await vscode.workspace.fs.writeFile(target, Buffer.from(text));
  }
}
