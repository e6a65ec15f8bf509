import type { LanguageClient } from 'vscode-languageclient/node';
import type { Outcome } from './run/outcome.js';
import type { ProcessTree } from './tree/provider.js';

/** What activating the extension returns: for its own tests, and not a promise to anybody else. */
export interface ManycoreApi {
  /** Settles when the language server answers; rejects with the reason why it does not. */
  readonly serverReady: Promise<void>;
  readonly client: LanguageClient;
  readonly tree: ProcessTree;
  /** The run whose results are shown. */
  lastOutcome(): Outcome | undefined;
}
