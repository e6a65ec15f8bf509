import * as assert from 'node:assert/strict';
import * as fs from 'node:fs';
import * as path from 'node:path';
import * as vscode from 'vscode';
import type { ManycoreApi } from '../../client/src/api.js';
import type { TreeNode } from '../../client/src/tree/node.js';
import { drawn } from './snapshots.js';
import { Program } from './shell.js';
import { until } from './until.js';
import { workspaceFolder } from './workbench.js';

const live = `import { Pool, Process, isMain } from 'manycore';
import { setTimeout as sleep } from 'node:timers/promises';

export async function nap(ms) {
  await sleep(ms);
}

if (isMain(import.meta)) {
  const sleeper = new Process({ target: nap, args: [600_000], name: 'Sleeper' });
  sleeper.start();
  const pool = new Pool(3);
  pool.mapAsync(nap, Array.from({ length: 9 }, () => 600_000), { chunkSize: 1, errorCallback: () => {} });
  process.stdin.resume().on('end', () => process.exit());
}
`;

describe('The Processes tree with a program started from a shell', function () {
  this.timeout(60_000);
  let api: ManycoreApi;
  let program: Program;

  const extension = () => vscode.extensions.getExtension<ManycoreApi>('manycore.manycore-vscode');
  const root = () => api.tree.getChildren().find(node => node.process?.pid === program.child.pid);
  const rows = () => [...api.tree.model.rows(root() ? [root() as TreeNode] : [])];
  const seen = () =>
    `the program printed: ${program.stdout}${program.stderr}\nthe tree shows:\n${drawn(api.tree.getChildren())}`;

  /** Looks at the tables until the tree shows it. The view looks by itself once a second; tests need not wait for that. */
  const shown = async <T>(what: string, ask: () => T) => {
    try {
      return await until(what, () => (api.tree.refresh(), ask()));
    } catch (error) {
      throw new Error(`${String(error)}\n${seen()}`);
    }
  };
  const workers = () => rows().filter(({ kind }) => kind === 'worker');
  const busy = () => workers().filter(({ face }) => face.description.startsWith('busy'));

  before(async () => {
    const found = extension();
    assert.ok(found);
    api = await found.activate();
    const file = path.join(workspaceFolder(), 'live.mjs');
    fs.writeFileSync(file, live);
    program = await Program.start(file);
  });

  after(() => program.kill());

  it('sees its process and the three workers of its pool, each with its task', async () => {
    await shown(
      'three busy workers',
      () => busy().length === 3 && busy().every(({ children }) => children[0]?.face.label.includes('nap')),
    );
    const [main] = root()?.children ?? [];
    assert.equal(root()?.face.label, 'live.mjs');
    assert.equal(main?.face.label, 'MainProcess');
    assert.deepEqual(
      main.children.map(({ kind }) => kind),
      ['process', 'pool'],
    );
    assert.match(main.children[0]?.face.label ?? '', /^Sleeper$/);
    assert.match(main.children[0]?.face.description ?? '', /^(running|waiting.*) · pid \d+ · \d+ % · \d+ MB/);
    for (const worker of workers()) {
      assert.match(worker.face.description, /^busy · pid \d+ · \d+ % · \d+ MB · 0 done$/);
      assert.match(worker.children[0]?.face.label ?? '', /nap/);
    }
  });

  it('refreshes by itself while the view is visible', async () => {
    await vscode.commands.executeCommand('manycore.processes.focus');
    await until('the view to be visible', () => api.tree.view.visible);
    let told = 0;
    const listener = api.tree.onDidChangeTreeData(() => told++);
    const victim = workers().find(({ process: ref }) => ref !== null)?.process;
    assert.ok(victim, seen());
    process.kill(victim.pid, 'SIGKILL');
    await until('a change that nobody asked for', () => told > 0);
    listener.dispose();
  });

  it('shows a worker killed from outside as died with its signal, and the one that replaces it', async () => {
    const victim = await shown('three busy workers', () => busy().length === 3 && busy()[0]);
    assert.ok(victim.process);
    const { pid } = victim.process;
    process.kill(pid, 'SIGKILL');
    const dead = await shown('the dead worker', () =>
      workers().find(({ face }) => face.description.startsWith(`died: SIGKILL · pid ${pid}`)),
    );
    assert.equal(dead.face.icon.color, 'charts.red');
    assert.match(dead.face.tooltip, /SIGKILL/);
    await shown('a new worker', () => busy().length === 3);
  });

  it('goes to the function that a process runs', async () => {
    const sleeper = await shown('the sleeper', () => rows().find(({ face }) => face.label === 'Sleeper'));
    await vscode.commands.executeCommand('manycore.processes.revealTarget', sleeper);
    const editor = vscode.window.activeTextEditor;
    assert.equal(path.basename(editor?.document.fileName ?? ''), 'live.mjs');
    assert.match(editor?.document.lineAt(editor.selection.active.line).text ?? '', /function nap/);
  });

  it('copies a pid', async () => {
    const sleeper = await shown('the sleeper', () => rows().find(({ face }) => face.label === 'Sleeper'));
    await vscode.commands.executeCommand('manycore.processes.copyPid', sleeper);
    assert.equal(await vscode.env.clipboard.readText(), String(sleeper.process?.pid));
  });

  it('does not signal a process whose pid belongs to another by now', async () => {
    const sleeper = await shown('the sleeper', () => rows().find(({ face }) => face.label === 'Sleeper'));
    assert.ok(sleeper.process);
    const stranger = { ...sleeper, process: { ...sleeper.process, generation: sleeper.process.generation + 1 } };
    await vscode.commands.executeCommand('manycore.processes.terminate', stranger);
    assert.equal(process.kill(sleeper.process.pid, 0), true);
    assert.ok(rows().some(({ face }) => face.label === 'Sleeper' && !face.description.startsWith('died')));
  });

  it('terminates a process from its menu', async () => {
    const sleeper = await shown('the sleeper', () => rows().find(({ face }) => face.label === 'Sleeper'));
    await vscode.commands.executeCommand('manycore.processes.terminate', sleeper);
    await shown('the end of the sleeper', () =>
      rows().find(({ face }) => face.label === 'Sleeper' && face.description.startsWith('died: SIGTERM')),
    );
  });

  it('clears the dead', async () => {
    await vscode.commands.executeCommand('manycore.processes.clearDead');
    assert.deepEqual(
      rows().filter(({ face }) => face.context.includes('.dead')),
      [],
    );
    assert.equal(workers().length, 3);
  });

  it('kills a program with all it started', async () => {
    const pids = rows().flatMap(({ process: ref }) => ref?.pid ?? []);
    await vscode.commands.executeCommand('manycore.processes.killTree', root());
    assert.equal(await program.ended(), 'SIGKILL');
    await shown('the end of the program', () => root()?.face.context === 'program.dead');
    assert.ok(new Set(pids).size >= 4);
    await vscode.commands.executeCommand('manycore.processes.clearDead');
    assert.equal(root(), undefined);
  });
});
