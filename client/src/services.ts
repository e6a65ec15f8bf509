import type * as vscode from 'vscode';
import type { LanguageClient } from 'vscode-languageclient/node';
import type { RememberedInputs } from './run/askInputs.js';
import type { ResultsView } from './run/resultsView.js';
import type { RunningJobs } from './tree/runningJobs.js';
import type { ProcessTree } from './tree/provider.js';

/** What the commands work with; made once, when the extension is activated. */
export interface Services {
  readonly context: vscode.ExtensionContext;
  readonly client: LanguageClient;
  readonly tree: ProcessTree;
  readonly results: ResultsView;
  readonly inputs: RememberedInputs;
  readonly jobs: RunningJobs;
  /** What functions print while they run in a pool. */
  readonly output: vscode.OutputChannel;
}
