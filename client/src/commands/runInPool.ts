import * as vscode from 'vscode';
import { runnableFunctions } from '../language/runnable.js';
import { askInputs } from '../run/askInputs.js';
import { describeInputs, parseInputs } from '../run/inputs.js';
import type { Outcome } from '../run/outcome.js';
import { runShown } from '../run/runShown.js';
import type { Services } from '../services.js';
import type { RunnableFunction } from '../../../server/src/protocol.js';
import * as path from 'node:path';

/** What the lens gives; another extension or a test may give the inputs (as a person would type them) as well. */
export interface RunRequest {
  readonly uri: vscode.Uri;
  readonly exportName: string;
  readonly inputs?: string;
  readonly processes?: number;
  readonly token?: vscode.CancellationToken;
}

/**
 * Runs an exported function over inputs in a pool and shows the results. Asks for what it is not given. Resolves to the
 * outcome; to undefined when the person turned away or it could not begin, which is told on the screen.
 */
export const runInPool =
  (services: Services) =>
  async (request?: Partial<RunRequest>): Promise<Outcome | undefined> => {
    if (!vscode.workspace.isTrusted) {
      void vscode.window.showWarningMessage('Running a function needs a trusted workspace.');
      return undefined;
    }
    try {
      return await run(services, request ?? {});
    } catch (error) {
      void vscode.window.showErrorMessage(error instanceof Error ? error.message : String(error));
      return undefined;
    }
  };

async function run(services: Services, request: Partial<RunRequest>): Promise<Outcome | undefined> {
  const document = await documentOf(request.uri);
  const chosen = await choose(await runnableFunctions(services.client, document), request.exportName);
  if (!chosen) return undefined;
  const remembered = services.inputs.of(document.uri, chosen.exportName);
  const inputs =
    request.inputs === undefined
      ? await askInputs(document.uri, chosen.name, chosen.params, remembered)
      : parseInputs(request.inputs, path.dirname(document.uri.fsPath));
  if (!inputs) return undefined;
  // What runs is the file, so the file must hold what the person sees.
  if (document.isDirty && !(await document.save())) throw new Error('The file has to be saved before it can run.');
  await services.inputs.add(document.uri, chosen.exportName, describeInputs(inputs));
  const { processes, token } = request;
  return runShown(services, {
    uri: document.uri,
    chosen,
    inputs,
    ...(processes === undefined ? {} : { processes }),
    ...(token === undefined ? {} : { token }),
  });
}

async function documentOf(uri: vscode.Uri | undefined): Promise<vscode.TextDocument> {
  const document = uri ? await vscode.workspace.openTextDocument(uri) : vscode.window.activeTextEditor?.document;
  if (!document) throw new Error('Open the file whose function is to run.');
  if (document.uri.scheme !== 'file') throw new Error('Save the file first: processes import it by its path.');
  return document;
}

async function choose(
  functions: RunnableFunction[],
  exportName: string | undefined,
): Promise<RunnableFunction | undefined> {
  if (exportName !== undefined) {
    const found = functions.find(candidate => candidate.exportName === exportName);
    if (!found) throw new Error(`This file exports no function ${exportName} that a pool can run.`);
    return found;
  }
  if (functions.length === 0) throw new Error('This file exports no function that a pool can run.');
  if (functions.length === 1) return functions[0];
  const items = functions.map(found => ({ label: found.name, description: `(${found.params.join(', ')})`, found }));
  return (await vscode.window.showQuickPick(items, { title: 'Which function is to run in a pool?' }))?.found;
}
