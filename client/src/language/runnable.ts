import type * as vscode from 'vscode';
import { State, type LanguageClient } from 'vscode-languageclient/node';
import type {
  RunnableFunction,
  RunnableFunctionsParams,
  runnableFunctionsRequest,
} from '../../../server/src/protocol.js';

// The client imports the server's types and nothing else of it; the compiler holds this name to theirs.
const request: typeof runnableFunctionsRequest = 'manycore/runnableFunctions';

/** The functions of a document that can run in a pool; none while the server does not answer. */
export async function runnableFunctions(
  client: LanguageClient,
  document: vscode.TextDocument,
  token?: vscode.CancellationToken,
): Promise<RunnableFunction[]> {
  if (client.state !== State.Running) return [];
  const params: RunnableFunctionsParams = { uri: client.code2ProtocolConverter.asUri(document.uri) };
  return (await client.sendRequest<RunnableFunction[] | null>(request, params, token)) ?? [];
}
