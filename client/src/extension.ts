import * as vscode from 'vscode';
import type { ManycoreApi } from './api.js';
import { registerCommands } from './commands/register.js';
import { createLanguageClient, serverModule, startServer } from './language/client.js';
import { RunInPoolLens } from './lens/runInPoolLens.js';
import { RememberedInputs } from './run/askInputs.js';
import { ResultsView } from './run/resultsView.js';
import { RunningJobs } from './tree/runningJobs.js';
import { ProcessTree } from './tree/provider.js';

let stop: (() => Promise<void>) | undefined;

export function activate(context: vscode.ExtensionContext): ManycoreApi {
  const client = createLanguageClient(context);
  const jobs = new RunningJobs();
  const tree = new ProcessTree(jobs);
  const results = new ResultsView();
  const output = vscode.window.createOutputChannel('Manycore: Run in pool');
  const inputs = new RememberedInputs(context.workspaceState);
  const lens = new RunInPoolLens(client);
  context.subscriptions.push(tree, results, output, lens);
  context.subscriptions.push(...registerCommands({ context, client, tree, results, inputs, jobs, output }));
  const serverReady = startServer(client, serverModule(context)).then(() => lens.refresh());
  // The person is told by whoever noticed; here it must only not be an unhandled rejection.
  serverReady.catch(() => undefined);
  stop = () => client.stop();
  return { serverReady, client, tree, lastOutcome: () => results.outcome };
}

export async function deactivate(): Promise<void> {
  await stop?.();
}
