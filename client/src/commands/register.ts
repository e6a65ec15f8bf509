import * as vscode from 'vscode';
import type { Services } from '../services.js';
import { clearDead } from './clearDead.js';
import { copyPid } from './copyPid.js';
import { killTree } from './killTree.js';
import { newExample } from './newExample.js';
import { refreshProcesses } from './refreshProcesses.js';
import { restartServer } from './restartServer.js';
import { revealTarget } from './revealTarget.js';
import { runInPool } from './runInPool.js';
import { showOutput } from './showOutput.js';
import { terminateProcess } from './terminateProcess.js';

/** Every command of the extension by its id; package.json says how it is called and where it is offered. */
export function registerCommands(services: Services): vscode.Disposable[] {
  const commands = {
    'manycore.runInPool': runInPool(services),
    'manycore.newExample': newExample(),
    'manycore.showOutput': showOutput(services),
    'manycore.restartServer': restartServer(services),
    'manycore.processes.refresh': refreshProcesses(services),
    'manycore.processes.clearDead': clearDead(services),
    'manycore.processes.terminate': terminateProcess(services),
    'manycore.processes.killTree': killTree(services),
    'manycore.processes.revealTarget': revealTarget(),
    'manycore.processes.copyPid': copyPid(),
  };
  return Object.entries(commands).map(([id, run]) => vscode.commands.registerCommand(id, run));
}
