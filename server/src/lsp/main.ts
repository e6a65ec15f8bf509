import {
  CodeLensRefreshRequest,
  createConnection,
  DidChangeConfigurationNotification,
  DidChangeWatchedFilesNotification,
  ProposedFeatures,
  TextDocuments,
} from 'vscode-languageserver/node';
import { TextDocument } from 'vscode-languageserver-textdocument';
import { normalize } from '../engine/files.js';
import {
  type InitializationOptions,
  runnableFunctionsRequest,
  type RunnableFunctionsParams,
  statusRequest,
} from '../protocol.js';
import { codeActions, resolveAction } from './codeActions.js';
import { Configuration } from './configuration.js';
import { pullDiagnostics } from './diagnostics.js';
import { abilitiesOf, initializeResult, workspaceRoots } from './initialize.js';
import { Quiet } from './quiet.js';
import { runnableFunctions } from './runnable.js';
import { docsBase, newChecker, Paths, type Session } from './session.js';
import { status } from './status.js';
import { filesChanged, WATCHED } from './watch.js';

/** Wiring only: which request goes to which file. */
const connection = createConnection(ProposedFeatures.all);
const documents = new TextDocuments(TextDocument);
const quiet = new Quiet();
let session: Session | undefined;

function current(): Session {
  if (session === undefined) throw new Error('a request came before initialize');
  return session;
}

connection.onInitialize(params => {
  const options = (params.initializationOptions ?? {}) as InitializationOptions;
  const roots = workspaceRoots(params);
  const abilities = abilitiesOf(params);
  session = {
    connection,
    documents,
    abilities,
    checker: newChecker(connection, roots, options),
    configuration: new Configuration(connection, abilities.pullsConfiguration),
    paths: new Paths(roots),
    docsBaseUrl: docsBase(options),
    debounce: options.debounce ?? 100,
  };
  return initializeResult(abilities);
});

connection.onInitialized(async () => {
  const { abilities, checker } = current();
  if (abilities.registersConfiguration) {
    await connection.client.register(DidChangeConfigurationNotification.type, { section: 'manycore' });
  }
  if (abilities.registersWatchers) {
    await connection.client.register(DidChangeWatchedFilesNotification.type, { watchers: [{ globPattern: WATCHED }] });
  }
  connection.workspace.onDidChangeWorkspaceFolders(({ added, removed }) => {
    const { paths } = current();
    const gone = removed.map(({ uri }) => paths.toPath(uri));
    const come = added.map(({ uri }) => paths.toPath(uri));
    checker.engines.finder.roots = [
      ...checker.engines.finder.roots.filter(root => !gone.includes(root)),
      ...come.map(normalize),
    ];
  });
});

documents.onDidOpen(({ document }) => {
  const { checker, paths } = current();
  checker.store.set(paths.toPath(document.uri, document.languageId), document.getText());
});
documents.onDidChangeContent(({ document }) => {
  const { checker, paths } = current();
  // Opening counts as a change for the document store; a file just opened is checked at once.
  const file = paths.toPath(document.uri, document.languageId);
  if (checker.store.isOpen(file) && checker.store.read(file) !== document.getText()) quiet.touch(document.uri);
  checker.store.set(file, document.getText());
});
documents.onDidClose(({ document }) => {
  const { checker, configuration, paths } = current();
  checker.store.release(paths.toPath(document.uri));
  configuration.forget(document.uri);
  quiet.forget(document.uri);
});

function refresh(): void {
  const { abilities } = current();
  if (abilities.refreshesDiagnostics) void connection.languages.diagnostics.refresh();
  if (abilities.refreshesLenses) void connection.sendRequest(CodeLensRefreshRequest.type);
}

connection.onDidChangeConfiguration(({ settings }) => {
  current().configuration.changed(settings);
  refresh();
});
connection.onDidChangeWatchedFiles(({ changes }) => {
  if (filesChanged(current(), changes)) refresh();
});

connection.languages.diagnostics.on((params, token) => pullDiagnostics(current(), quiet, params, token));
connection.onCodeAction(params => codeActions(current(), params));
connection.onCodeActionResolve(action => resolveAction(current(), action));
connection.onRequest(runnableFunctionsRequest, (params: RunnableFunctionsParams) =>
  runnableFunctions(current(), params),
);
connection.onRequest(statusRequest, () => status(current()));

documents.listen(connection);
connection.listen();
