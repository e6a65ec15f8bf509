import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import * as path from 'node:path';
import * as vscode from 'vscode';
import { findNode } from '../../client/src/runtime/node.js';

/** Makes `import 'manycore'` work in a folder that has not installed it. */
const preload = () => {
  const extension = vscode.extensions.getExtension('manycore.manycore-vscode');
  if (!extension) throw new Error('the extension is not installed');
  return path.join(extension.extensionPath, 'client', 'dist', 'bundledLibrary.cjs');
};

/** A program run as a person would run it: with a Node of its own, apart from the extension. */
export class Program {
  readonly child: ChildProcess;
  stdout = '';
  stderr = '';

  private constructor(child: ChildProcess) {
    this.child = child;
    child.stdout?.on('data', chunk => (this.stdout += String(chunk)));
    child.stderr?.on('data', chunk => (this.stderr += String(chunk)));
  }

  static async start(file: string): Promise<Program> {
    const { executable, execArgv, env } = await findNode(file, '');
    const args = [...execArgv, '--require', preload(), file];
    const options = { cwd: path.dirname(file), env: { ...process.env, ...env }, detached: true };
    return new Program(spawn(executable, args, { ...options, stdio: ['pipe', 'pipe', 'pipe'] }));
  }

  /** Its exit code or the signal that ended it. A program that does not end in time is killed, and is a failure. */
  async ended(deadlineMs = 20_000): Promise<number | NodeJS.Signals> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) {
      return this.child.signalCode ?? this.child.exitCode ?? -1;
    }
    const timer = setTimeout(() => this.kill(), deadlineMs);
    const [code, signal] = (await once(this.child, 'close')) as [number | null, NodeJS.Signals | null];
    clearTimeout(timer);
    return signal ?? code ?? -1;
  }

  /** Kills it and whatever it started. */
  kill(): void {
    try {
      if (this.child.pid !== undefined) process.kill(-this.child.pid, 'SIGKILL');
    } catch {
      // Nobody is left.
    }
  }
}
