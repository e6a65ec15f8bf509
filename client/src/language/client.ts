import * as fs from 'node:fs';
import * as vscode from 'vscode';
import { LanguageClient, TransportKind } from 'vscode-languageclient/node';
import type { InitializationOptions } from '../../../server/src/protocol.js';
import { selector } from '../config/languages.js';
import { bundledRuntime } from '../runtime/library.js';

/** Rejects with what is wrong when the server does not answer. */
export async function startServer(client: LanguageClient, module: string): Promise<void> {
  // Without this the person reads that a pending response was disposed of.
  if (!fs.existsSync(module)) {
    const message = `The language server is missing: ${module}`;
    void vscode.window.showErrorMessage(message);
    throw new Error(message);
  }
  await client.start();
}

export const serverModule = (context: vscode.ExtensionContext) => context.asAbsolutePath('server/dist/server.cjs');

/** Connects the editor with the language server of the extension; startServer() starts it. */
export function createLanguageClient(context: vscode.ExtensionContext): LanguageClient {
  const module = serverModule(context);
  const server = { module, transport: TransportKind.ipc };
  return new LanguageClient(
    'manycore',
    'Manycore',
    { run: server, debug: { ...server, options: { execArgv: ['--nolazy', '--enable-source-maps'] } } },
    {
      documentSelector: selector,
      synchronize: { configurationSection: 'manycore' },
      // In a folder without the library its types come from the copy inside the extension.
      initializationOptions: initialization(context),
    },
  );
}

function initialization(context: vscode.ExtensionContext): InitializationOptions {
  return {
    runtimeTypes: bundledRuntime(context.extensionPath).types,
    // The rule pages come with the extension, so that a diagnostic's link works without a network.
    docsBaseUrl: vscode.Uri.file(context.asAbsolutePath('server/docs/rules')).toString(),
  };
}
