import * as assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { manycore } from './workbench.js';

interface Manifest {
  contributes: { commands: { command: string }[]; viewsWelcome: { view: string; contents: string }[] };
}

const manifest = () => vscode.extensions.getExtension('manycore.manycore-vscode')?.packageJSON as Manifest;

describe('The extension', () => {
  it('is activated and its language server answers', async () => {
    const api = await manycore();
    assert.ok(api.client.isRunning());
  });

  it('registers every command that its manifest promises', async () => {
    await manycore();
    const registered = new Set(await vscode.commands.getCommands(true));
    const missing = manifest()
      .contributes.commands.map(({ command }) => command)
      .filter(id => !registered.has(id));
    assert.deepEqual(missing, []);
  });

  it('welcomes with a way to begin while no program runs', async () => {
    const api = await manycore();
    await vscode.commands.executeCommand('manycore.processes.focus');
    api.tree.clearDead();
    // Other programs of this user may be at work; they are shown, and the welcome is for when there is none.
    assert.ok(api.tree.getChildren().every(({ face }) => face.context === 'program.alive'));
    const welcome = manifest().contributes.viewsWelcome.find(({ view }) => view === 'manycore.processes');
    assert.match(welcome?.contents ?? '', /\(command:manycore\.newExample\)/);
  });

  it('opens an example program from the welcome view', async () => {
    await manycore();
    await vscode.commands.executeCommand('manycore.newExample');
    const document = vscode.window.activeTextEditor?.document;
    assert.equal(document?.languageId, 'typescript');
    assert.match(document.getText(), /from 'manycore'/);
    await vscode.commands.executeCommand('workbench.action.revertAndCloseActiveEditor');
  });
});
