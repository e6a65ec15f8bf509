import * as assert from 'node:assert/strict';
import * as fs from 'node:fs';
import * as path from 'node:path';
import * as vscode from 'vscode';
import type { RunRequest } from '../../client/src/commands/runInPool.js';
import { toCsv, toJson, type Outcome } from '../../client/src/run/outcome.js';
import { until } from './until.js';
import { manycore, typed, workspaceFolder } from './workbench.js';

const run = (request: RunRequest) => vscode.commands.executeCommand<Outcome | undefined>('manycore.runInPool', request);

const lensesOf = async (uri: vscode.Uri) =>
  (await vscode.commands.executeCommand<vscode.CodeLens[]>('vscode.executeCodeLensProvider', uri, 20)).filter(
    ({ command }) => command?.command === 'manycore.runInPool',
  );

const outputs = (outcome: Outcome | undefined) => outcome?.tasks.map(task => task?.output);

describe('"Run in pool" in a folder that has only the bundled library', function () {
  this.timeout(60_000);

  before(async () => {
    await manycore();
    assert.throws(() => require.resolve('manycore', { paths: [workspaceFolder()] }), 'nothing is installed here');
  });

  it('stands above every exported function, and only there', async () => {
    const document = await typed(
      'lens.ts',
      'export function a(x: number) {\n  return x;\n}\nfunction b() {}\nb();\nexport const c = async (x: string) => x;\n',
    );
    const lenses = await until('two lenses', async () => {
      const found = await lensesOf(document.uri);
      return found.length === 2 ? found : undefined;
    });
    assert.deepEqual(
      lenses.map(({ range }) => range.start.line),
      [0, 5],
    );
    assert.match(lenses[0]?.command?.title ?? '', /Run in pool/);
  });

  it('goes away with its setting', async () => {
    const document = await typed('lens.ts', 'export function a(x: number) {\n  return x;\n}\n');
    await until('the lens', async () => (await lensesOf(document.uri)).length === 1);
    const settings = vscode.workspace.getConfiguration('manycore');
    await settings.update('codeLens.enabled', false, vscode.ConfigurationTarget.Workspace);
    await until('no lens', async () => (await lensesOf(document.uri)).length === 0);
    await settings.update('codeLens.enabled', undefined, vscode.ConfigurationTarget.Workspace);
  });

  it('runs the function over the inputs in other processes and shows the results', async () => {
    const { uri } = await typed(
      'square.ts',
      "import { currentProcess } from 'manycore';\n" +
        'export async function square(x: number): Promise<string> {\n' +
        '  return `${x * x} by a ${currentProcess().daemon ? "worker" : "stranger"}, ${process.pid}`;\n}\n',
    );
    const [lens] = await until('the lens', async () => (await lensesOf(uri)).length > 0 && lensesOf(uri));
    assert.ok(lens?.command?.arguments);
    const request = { ...(lens.command.arguments[0] as RunRequest), inputs: '1..20', processes: 2 };
    const outcome = await run(request);
    assert.equal(outcome?.state, 'done', outcome?.error ?? 'it did not begin');
    assert.equal(outcome.total, 20);
    assert.equal(outcome.workers, 2);
    outcome.tasks.forEach((task, index) => {
      assert.match(task?.output ?? '', new RegExp(`^${(index + 1) ** 2} by a worker, \\d+$`));
    });
    const pids = new Set(outputs(outcome)?.map(text => text?.split(', ')[1]));
    assert.ok(!pids.has(String(process.pid)));
    const api = await manycore();
    assert.equal(api.lastOutcome(), outcome, 'the results view shows it');
    assert.equal((JSON.parse(toJson(outcome)) as unknown[]).length, 20);
    assert.match(toCsv(outcome), /^index,input,result,error,ms\r\n0,1,/);
  });

  it('runs what is on the screen, saved or not', async () => {
    const document = await typed('edited.ts', 'export const f = (x: number) => x + 1;\n');
    await document.save();
    const edit = new vscode.WorkspaceEdit();
    edit.insert(document.uri, document.positionAt(document.getText().indexOf(';')), '00');
    await vscode.workspace.applyEdit(edit);
    await until('the lens', async () => (await lensesOf(document.uri)).length === 1);
    const outcome = await run({ uri: document.uri, exportName: 'f', inputs: '[1, 2]', processes: 1 });
    assert.deepEqual(outputs(outcome), ['101', '102']);
    assert.equal(document.isDirty, false);
  });

  it('spreads a list over several parameters', async () => {
    const { uri } = await typed('area.ts', 'export const area = (w: number, h: number) => w * h;\n');
    await until('the lens', async () => (await lensesOf(uri)).length === 1);
    const outcome = await run({ uri, exportName: 'area', inputs: '[[2, 3], [4, 5]]', processes: 1 });
    assert.deepEqual(outputs(outcome), ['6', '20']);
  });

  it('shows an error beside the input that caused it, and goes on', async () => {
    const { uri } = await typed(
      'picky.ts',
      'export function picky(x: number): number {\n  if (x === 2) throw new RangeError(`not ${x}`);\n  return x;\n}\n',
    );
    await until('the lens', async () => (await lensesOf(uri)).length === 1);
    const outcome = await run({ uri, exportName: 'picky', inputs: '1..3', processes: 2 });
    assert.deepEqual(
      outcome?.tasks.map(task => task?.ok),
      [true, false, true],
    );
    assert.match(outcome?.tasks[1]?.output ?? '', /RangeError: not 2/);
  });

  it('reads the inputs from a file, and runs plain JavaScript', async () => {
    fs.writeFileSync(path.join(workspaceFolder(), 'names.txt'), 'ada\ngrace\n');
    const { uri } = await typed('shout.mjs', 'export const shout = name => name.toUpperCase();\n');
    await until('the lens', async () => (await lensesOf(uri)).length === 1);
    const outcome = await run({ uri, exportName: 'shout', inputs: 'names.txt', processes: 1 });
    assert.deepEqual(outputs(outcome), ['ADA', 'GRACE']);
  });

  it('ends with everything it started when it is cancelled, even in the midst of a busy loop', async () => {
    const { uri } = await typed(
      'forever.ts',
      "import { appendFileSync } from 'node:fs';\n" +
        'export function forever(file: string): never {\n' +
        '  appendFileSync(file, `${process.pid}\\n`);\n' +
        '  for (;;);\n}\n',
    );
    await until('the lens', async () => (await lensesOf(uri)).length === 1);
    const pidFile = path.join(workspaceFolder(), 'pids.txt');
    const source = new vscode.CancellationTokenSource();
    const inputs = JSON.stringify([pidFile, pidFile]);
    const running = run({ uri, exportName: 'forever', inputs, processes: 2, token: source.token });
    const pids = await until('two busy workers', () => {
      const lines = fs.existsSync(pidFile) ? fs.readFileSync(pidFile, 'utf8').trim().split('\n') : [];
      return lines.length === 2 ? lines.map(Number) : undefined;
    });
    const api = await manycore();
    api.tree.refresh();
    const lines = [...api.tree.model.rows()].map(({ face }) => `${face.label}: ${face.description}`);
    const shown = lines.find(line => line.startsWith('forever over 2 inputs'));
    assert.match(shown ?? lines.join('\n'), /: 2 workers · 0 of 2 · 0 %/, 'the pool says how far the run is');
    const programs = api.tree.getChildren().map(({ face }) => face.label);
    assert.ok(programs.includes('forever in forever.ts'), `the tree shows it by its function: ${programs.join(', ')}`);
    source.cancel();
    const outcome = await running;
    assert.equal(outcome?.state, 'cancelled', outcome?.error ?? '');
    for (const pid of pids) await until(`worker ${pid} to be gone`, () => !isAlive(pid), 5000);
  });

  it('says what is wrong when the module cannot be imported', async () => {
    const { uri } = await typed('broken.ts', "import './nowhere.js';\nexport const f = (x: number) => x;\n");
    await until('the lens', async () => (await lensesOf(uri)).length === 1);
    const outcome = await run({ uri, exportName: 'f', inputs: '[1]', processes: 1 });
    assert.equal(outcome?.state, 'failed');
    assert.match(outcome.error ?? '', /nowhere\.js/);
  });
});

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    // A zombie answers too; it runs nothing any more.
    return !/^State:\s+Z/m.test(fs.readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}
