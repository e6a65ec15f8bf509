import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { CancellationTokenSource, DiagnosticSeverity, LSPErrorCodes } from 'vscode-languageserver-protocol/node';
import { Client, type ClientOptions } from './support/client.js';
import { repository, Workspace, type WorkspaceOptions } from './support/workspace.js';

const UNGUARDED = `import { Pool } from 'manycore';

export function square(x: number): number {
  return x * x;
}

const pool = new Pool(2);
console.log(await pool.map(square, [1, 2, 3]));
await pool.join();
`;

const REPAIRED = `import { Pool, isMain } from 'manycore';

export function square(x: number): number {
  return x * x;
}

if (isMain(import.meta)) {
  const pool = new Pool(2);
  console.log(await pool.map(square, [1, 2, 3]));
  pool.close();
  await pool.join();
}
`;

const CLEAN = UNGUARDED.replace('import { Pool }', 'import { Pool, isMain }').replace(
  'const pool',
  'if (isMain(import.meta)) {}\nconst pool',
);

const clients: Client[] = [];
async function start(options: ClientOptions = {}, workspace: WorkspaceOptions = {}): Promise<Client> {
  const client = await Client.start(new Workspace({}, workspace), {
    ...options,
    initializationOptions: { debounce: 0, ...options.initializationOptions },
  });
  clients.push(client);
  return client;
}
after(async () => {
  await Promise.all(clients.map(client => client.stop()));
});

const errorCode = async (promise: Promise<unknown>): Promise<number | undefined> =>
  promise.then(
    () => undefined,
    (error: unknown) => (error as { code?: number }).code,
  );

describe('the language server over stdio', () => {
  test('says what it can', async () => {
    const client = await start();
    const capabilities = client.initialized?.capabilities;
    assert.deepEqual(capabilities?.diagnosticProvider, {
      identifier: 'manycore',
      interFileDependencies: true,
      workspaceDiagnostics: false,
    });
    assert.deepEqual(capabilities.codeActionProvider, {
      codeActionKinds: ['quickfix', 'source.fixAll.manycore'],
      resolveProvider: true,
    });
    await client.open('a.ts', UNGUARDED);
    await client.diagnostics('a.ts');
    assert.deepEqual(client.registered.sort(), ['workspace/didChangeConfiguration', 'workspace/didChangeWatchedFiles']);
  });

  test('gives a diagnostic its place, code, page and related places', async () => {
    const client = await start({ initializationOptions: { docsBaseUrl: 'file:///docs' } });
    await client.open('a.ts', UNGUARDED);
    const [first, ...others] = await client.diagnostics('a.ts');
    assert.deepEqual(
      others.map(({ code }) => code),
      ['MC004'],
    );
    assert.deepEqual(first, {
      range: { start: { line: 6, character: 13 }, end: { line: 6, character: 24 } },
      severity: DiagnosticSeverity.Error,
      code: 'MC001',
      codeDescription: { href: 'file:///docs/main-guard.md' },
      source: 'manycore',
      message:
        'A Pool starts whenever this module is imported, and a child imports it: the start fails there. Put it under `if (isMain(import.meta))`.',
      relatedInformation: [
        {
          location: {
            uri: client.uri('a.ts'),
            range: { start: { line: 7, character: 27 }, end: { line: 7, character: 33 } },
          },
          message: "a child imports this module to run 'square', given to Pool.map here",
        },
      ],
    });
  });

  test('follows what is typed', async () => {
    const client = await start();
    await client.open('a.ts', CLEAN.replace('await pool.join();', ''));
    assert.deepEqual(await client.codes('a.ts'), ['MC001']);
    await client.edit(
      'a.ts',
      'if (isMain(import.meta)) {}\nconst pool',
      'if (!isMain(import.meta)) process.exit();\nconst pool',
    );
    assert.deepEqual(await client.codes('a.ts'), []);
    await client.edit('a.ts', 'export function square', 'function square');
    assert.deepEqual(await client.codes('a.ts'), ['MC002']);
  });

  test('lists quick-fixes by title and fills in the edit of the one that is chosen', async () => {
    const client = await start();
    await client.open('a.ts', UNGUARDED);
    const [diagnostic] = await client.diagnostics('a.ts');
    assert.ok(diagnostic);
    const actions = await client.actions('a.ts', diagnostic.range, { only: ['quickfix'] });
    assert.deepEqual(
      actions.map(({ title, isPreferred, edit }) => ({ title, isPreferred, filled: edit !== undefined })),
      [
        { title: "Wrap in 'if (isMain(import.meta))'", isPreferred: true, filled: false },
        { title: "Move to 'main()' and guard the call", isPreferred: false, filled: false },
        { title: 'Disable MC001 for this line', isPreferred: undefined, filled: true },
      ],
    );
    const [wrap] = actions;
    assert.ok(wrap);
    await client.apply('a.ts', (await client.resolve(wrap)).edit);
    assert.deepEqual(await client.codes('a.ts'), ['MC004']);
    const [join] = await client.diagnostics('a.ts');
    const [close] = await client.actions('a.ts', join?.range ?? diagnostic.range);
    assert.ok(close);
    await client.apply('a.ts', (await client.resolve(close)).edit);
    assert.equal(client.text('a.ts'), REPAIRED);
    assert.deepEqual(await client.codes('a.ts'), []);
  });

  test('fills in edits at once for a client that cannot resolve', async () => {
    const client = await start({ resolvesActions: false });
    await client.open('a.ts', UNGUARDED);
    const [diagnostic] = await client.diagnostics('a.ts');
    assert.ok(diagnostic);
    const actions = await client.actions('a.ts', diagnostic.range);
    assert.ok(actions.length > 0 && actions.every(({ edit }) => edit !== undefined));
  });

  test('silences a line with a comment', async () => {
    const client = await start();
    await client.open('a.ts', UNGUARDED);
    const [diagnostic] = await client.diagnostics('a.ts');
    assert.ok(diagnostic);
    const actions = await client.actions('a.ts', diagnostic.range, { only: ['quickfix'] });
    await client.apply('a.ts', actions.find(({ title }) => title.startsWith('Disable'))?.edit);
    assert.deepEqual(await client.codes('a.ts'), ['MC004']);
  });

  test('repairs all that is safe with source.fixAll.manycore, as on save', async () => {
    const client = await start();
    await client.open('a.ts', UNGUARDED);
    const whole = { start: { line: 0, character: 0 }, end: { line: 99, character: 0 } };
    const [action, ...others] = await client.actions('a.ts', whole, { only: ['source.fixAll'] });
    assert.deepEqual([action?.kind, others.length], ['source.fixAll.manycore', 0]);
    assert.ok(action);
    await client.apply('a.ts', (await client.resolve(action)).edit);
    assert.equal(client.text('a.ts'), REPAIRED);
  });

  test('refuses to resolve an action of an older text', async () => {
    const client = await start();
    await client.open('a.ts', UNGUARDED);
    const [diagnostic] = await client.diagnostics('a.ts');
    assert.ok(diagnostic);
    const [action] = await client.actions('a.ts', diagnostic.range);
    assert.ok(action);
    await client.edit('a.ts', 'new Pool(2)', 'new Pool(3)');
    assert.equal(await errorCode(client.resolve(action)), LSPErrorCodes.ContentModified);
  });

  test('answers ServerCancelled when the text changed while it waited for a pause in typing', async () => {
    const client = await start({ initializationOptions: { debounce: 3_600_000 } });
    await client.open('a.ts', UNGUARDED);
    assert.equal((await client.diagnostics('a.ts')).length, 2, 'a file just opened is not waited for');
    await client.edit('a.ts', 'new Pool(2)', 'new Pool(3)');
    const cancel = new CancellationTokenSource();
    const cancelled = errorCode(
      client.connection.sendRequest(
        'textDocument/diagnostic',
        { textDocument: { uri: client.uri('a.ts') } },
        cancel.token,
      ),
    );
    const stale = errorCode(client.diagnose('a.ts'));
    // Once this is answered the server has taken both requests up: a cancellation that overtakes its request is lost.
    await client.connection.sendRequest('manycore/status');
    cancel.cancel();
    assert.equal(await cancelled, LSPErrorCodes.RequestCancelled);
    await client.edit('a.ts', 'new Pool(3)', 'new Pool(4)');
    assert.equal(await stale, LSPErrorCodes.ServerCancelled);
  });

  test('says unchanged when nothing changed', async () => {
    const client = await start();
    await client.open('a.ts', UNGUARDED);
    const { resultId } = await client.diagnose('a.ts');
    assert.ok(resultId !== undefined);
    assert.deepEqual(await client.diagnose('a.ts', resultId), { kind: 'unchanged', resultId });
    await client.edit('a.ts', 'new Pool(2)', 'new Pool(3)');
    assert.equal((await client.diagnose('a.ts', resultId)).kind, 'full');
  });

  test('looks across files, open ones and those on disk', async () => {
    const client = await start();
    const main = `import { isMain, Pool } from 'manycore';
import { work } from './work.js';

if (isMain(import.meta)) {
  await using pool = new Pool(2);
  await pool.map(work, [1]);
}
`;
    const nested = `import { Pool } from 'manycore';
export async function work(n: number): Promise<number> {
  await using inner = new Pool(n);
  return n;
}
`;
    client.workspace.write('work.ts', 'export function work(n: number): number {\n  return n;\n}\n');
    client.workspace.write('main.ts', main);
    await client.open('main.ts', main);
    assert.deepEqual(await client.codes('main.ts'), []);
    await client.open('work.ts', nested);
    const [diagnostic] = await client.diagnostics('main.ts');
    assert.equal(diagnostic?.code, 'MC005');
    assert.deepEqual(
      diagnostic.relatedInformation?.map(({ location, message }) => [location.uri, message]),
      [[client.uri('work.ts'), 'a Pool starts here']],
    );
    await client.close('work.ts');
    assert.deepEqual(await client.codes('main.ts'), [], 'the disk counts again');
    client.workspace.write('work.ts', nested);
    await client.connection.sendNotification('workspace/didChangeWatchedFiles', {
      changes: [{ uri: client.uri('work.ts'), type: 2 }],
    });
    assert.deepEqual(await client.codes('main.ts'), ['MC005']);
    assert.ok(client.refreshes > 0);
  });

  test('reads the settings of the resource and asks again when they change', async () => {
    const client = await start({ settings: { check: { rules: { MC001: 'off', 'join-before-close': 'hint' } } } });
    await client.open('a.ts', UNGUARDED);
    assert.deepEqual(
      (await client.diagnostics('a.ts')).map(({ code, severity }) => [code, severity]),
      [['MC004', DiagnosticSeverity.Hint]],
    );
    client.settings = { check: { enable: false } };
    await client.connection.sendNotification('workspace/didChangeConfiguration', { settings: null });
    assert.deepEqual(await client.codes('a.ts'), []);
    client.settings = {};
    await client.connection.sendNotification('workspace/didChangeConfiguration', { settings: null });
    assert.deepEqual(await client.codes('a.ts'), ['MC001', 'MC004']);
  });

  test('checks a new file in a folder that has neither the runtime nor a configuration', async () => {
    const client = await start({}, { runtime: 'none', tsconfig: false });
    await client.open('new.ts', UNGUARDED);
    assert.deepEqual(await client.codes('new.ts'), ['MC001', 'MC004']);
    const status = await client.connection.sendRequest<{ engines: { runtime: string }[] }>('manycore/status');
    assert.deepEqual(
      status.engines.map(({ runtime }) => runtime),
      ['built-in'],
    );
  });

  test('checks such a file against the declarations that the client supplies', async () => {
    const runtimeTypes = `${repository}/runtime/dist/types/index.d.ts`;
    const client = await start({ initializationOptions: { runtimeTypes } }, { runtime: 'none', tsconfig: false });
    await client.open('new.ts', UNGUARDED);
    assert.deepEqual(await client.codes('new.ts'), ['MC001', 'MC004']);
    const status = await client.connection.sendRequest<{ engines: { runtime: string }[] }>('manycore/status');
    assert.deepEqual(
      status.engines.map(({ runtime }) => runtime),
      ['supplied'],
    );
  });

  test('checks a document that was never saved', async () => {
    const client = await start();
    await client.open('untitled', UNGUARDED, 'typescript', 'untitled:Untitled-1');
    assert.deepEqual(await client.codes('untitled'), ['MC001', 'MC004']);
    const [diagnostic] = await client.diagnostics('untitled');
    assert.equal(diagnostic?.relatedInformation?.[0]?.location.uri, 'untitled:Untitled-1');
  });

  test('lists the functions of a file that can run in a pool', async () => {
    const client = await start();
    await client.open(
      'lens.ts',
      `export function square(x: number): number { return x * x; }
export const later = async (name: string, ...rest: number[]) => name + rest.length;
function hidden(x: number): number { return x; }
function listed(x) { return x; }
export { listed as renamed };
export default function () { return 1; }
export function* many() { yield 1; }
export class Thing { work() {} }
export const value = 3;
`,
    );
    const found = await client.connection.sendRequest('manycore/runnableFunctions', { uri: client.uri('lens.ts') });
    const at = (line: number, start: number, end: number): object => ({
      start: { line, character: start },
      end: { line, character: end },
    });
    assert.deepEqual(found, [
      {
        name: 'square',
        exportName: 'square',
        range: at(0, 16, 22),
        params: ['x'],
        paramTypes: ['number'],
        isAsync: false,
      },
      {
        name: 'later',
        exportName: 'later',
        range: at(1, 13, 18),
        params: ['name', '...rest'],
        paramTypes: ['string', 'number[]'],
        isAsync: true,
      },
      { name: 'listed', exportName: 'renamed', range: at(3, 9, 15), params: ['x'], isAsync: false },
      { name: 'default', exportName: 'default', range: at(5, 0, 6), params: [], paramTypes: [], isAsync: false },
    ]);
  });

  test('leaves out functions that start processes themselves', async () => {
    const client = await start();
    await client.open(
      'starts.ts',
      "import { Pool } from 'manycore';\nexport function all(): Pool {\n  return new Pool(2);\n}\nexport function one(): number {\n  return 1;\n}\n",
    );
    const found = await client.connection.sendRequest<{ name: string }[]>('manycore/runnableFunctions', {
      uri: client.uri('starts.ts'),
    });
    assert.deepEqual(
      found.map(({ name }) => name),
      ['one'],
    );
  });
});
