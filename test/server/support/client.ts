import { type ChildProcess, spawn } from 'node:child_process';
import { pathToFileURL } from 'node:url';
import {
  type CodeAction,
  type CodeActionContext,
  createProtocolConnection,
  type Diagnostic,
  type DocumentDiagnosticReport,
  type InitializeResult,
  type ProtocolConnection,
  type Range,
  StreamMessageReader,
  StreamMessageWriter,
  type TextDocumentEdit,
  type WorkspaceEdit,
} from 'vscode-languageserver-protocol/node';
import { TextDocument } from 'vscode-languageserver-textdocument';
import { serverFile, type Workspace } from './workspace.js';

export interface ClientOptions {
  initializationOptions?: object;
  settings?: object;
  resolvesActions?: boolean;
}

/** The real server over stdio, spoken to as an editor would. */
export class Client {
  readonly workspace: Workspace;
  readonly connection: ProtocolConnection;
  /** What the server asked to be told of. */
  readonly registered: string[] = [];
  readonly problems: unknown[] = [];
  settings: object;
  refreshes = 0;
  initialized: InitializeResult | undefined;
  readonly #process: ChildProcess;
  readonly #documents = new Map<string, TextDocument>();

  private constructor(workspace: Workspace, options: ClientOptions) {
    this.workspace = workspace;
    this.settings = options.settings ?? {};
    const child = spawn(process.execPath, [serverFile, '--stdio'], { stdio: ['pipe', 'pipe', 'inherit'] });
    this.#process = child;
    this.connection = createProtocolConnection(
      new StreamMessageReader(child.stdout),
      new StreamMessageWriter(child.stdin),
    );
  }

  static async start(workspace: Workspace, options: ClientOptions = {}): Promise<Client> {
    const client = new Client(workspace, options);
    const { connection } = client;
    connection.onRequest('workspace/configuration', ({ items }: { items: unknown[] }) =>
      items.map(() => client.settings),
    );
    connection.onRequest('client/registerCapability', ({ registrations }: { registrations: { method: string }[] }) => {
      client.registered.push(...registrations.map(({ method }) => method));
      return null;
    });
    connection.onRequest('workspace/diagnostic/refresh', () => {
      client.refreshes++;
      return null;
    });
    connection.onNotification('manycore/problem', problem => {
      client.problems.push(problem);
    });
    connection.listen();
    client.initialized = await connection.sendRequest<InitializeResult>('initialize', {
      processId: process.pid,
      rootUri: null,
      workspaceFolders: [{ uri: pathToFileURL(workspace.root).href, name: 'workspace' }],
      initializationOptions: options.initializationOptions,
      capabilities: {
        workspace: {
          configuration: true,
          didChangeConfiguration: { dynamicRegistration: true },
          didChangeWatchedFiles: { dynamicRegistration: true },
          diagnostics: { refreshSupport: true },
        },
        textDocument: {
          diagnostic: { dynamicRegistration: false },
          codeAction:
            options.resolvesActions === false ? {} : { dataSupport: true, resolveSupport: { properties: ['edit'] } },
        },
      },
    });
    await connection.sendNotification('initialized', {});
    return client;
  }

  uri(name: string): string {
    return pathToFileURL(this.workspace.path(name)).href;
  }

  text(name: string): string {
    return this.#document(name).getText();
  }

  async open(name: string, text: string, languageId = 'typescript', uri = this.uri(name)): Promise<void> {
    this.#documents.set(name, TextDocument.create(uri, languageId, 1, text));
    await this.connection.sendNotification('textDocument/didOpen', {
      textDocument: { uri, languageId, version: 1, text },
    });
  }

  /** Replaces the first occurrence of a text, as typing would. */
  async edit(name: string, from: string, to: string): Promise<void> {
    const document = this.#document(name);
    const at = document.getText().indexOf(from);
    if (at < 0) throw new Error(`'${from}' is not in ${name}`);
    const range = { start: document.positionAt(at), end: document.positionAt(at + from.length) };
    await this.#change(name, [{ range, text: to }]);
  }

  async close(name: string): Promise<void> {
    await this.connection.sendNotification('textDocument/didClose', {
      textDocument: { uri: this.#document(name).uri },
    });
    this.#documents.delete(name);
  }

  async diagnose(name: string, previousResultId?: string): Promise<DocumentDiagnosticReport> {
    return this.connection.sendRequest('textDocument/diagnostic', {
      textDocument: { uri: this.#document(name).uri },
      previousResultId,
    });
  }

  async diagnostics(name: string): Promise<Diagnostic[]> {
    const report = await this.diagnose(name);
    if (report.kind !== 'full') throw new Error('the report is not full');
    return report.items;
  }

  async codes(name: string): Promise<string[]> {
    return (await this.diagnostics(name)).map(({ code }) => String(code));
  }

  async actions(name: string, range: Range, context: Partial<CodeActionContext> = {}): Promise<CodeAction[]> {
    return this.connection.sendRequest('textDocument/codeAction', {
      textDocument: { uri: this.#document(name).uri },
      range,
      context: { diagnostics: [], ...context },
    });
  }

  async resolve(action: CodeAction): Promise<CodeAction> {
    return this.connection.sendRequest('codeAction/resolve', action);
  }

  /** Does what an editor does with an edit: applies it to its document and tells the server. */
  async apply(name: string, edit: WorkspaceEdit | undefined): Promise<void> {
    const document = this.#document(name);
    const changes = (edit?.documentChanges ?? []) as TextDocumentEdit[];
    const edits = changes.flatMap(change => change.edits).filter(each => 'newText' in each);
    const text = TextDocument.applyEdits(document, edits);
    await this.#change(name, [{ text }]);
  }

  async stop(): Promise<void> {
    await this.connection.sendRequest('shutdown');
    const ended = new Promise(resolve => this.#process.once('exit', resolve));
    await this.connection.sendNotification('exit');
    await ended;
    this.connection.dispose();
  }

  #document(name: string): TextDocument {
    const document = this.#documents.get(name);
    if (document === undefined) throw new Error(`${name} is not open`);
    return document;
  }

  async #change(name: string, contentChanges: { range?: Range; text: string }[]): Promise<void> {
    const document = TextDocument.update(this.#document(name), contentChanges, this.#document(name).version + 1);
    this.#documents.set(name, document);
    await this.connection.sendNotification('textDocument/didChange', {
      textDocument: { uri: document.uri, version: document.version },
      contentChanges,
    });
  }
}
