import { spawn } from 'node:child_process';
import { transformSync } from 'esbuild';
import { type Workspace } from './workspace.js';

export interface Ended {
  code: number | null;
  stdout: string;
  stderr: string;
}

const DEADLINE = 30_000;

/** Runs a TypeScript program in a workspace, as a build would have made it, to its end. A deadline is a failure. */
export async function runProgram(workspace: Workspace, name: string, text: string): Promise<Ended> {
  const { code } = transformSync(text, { loader: 'ts', format: 'esm', target: 'node20' });
  const file = workspace.write(name.replace(/\.ts$/, '.js'), code);
  const child = spawn(process.execPath, [file], { cwd: workspace.root, stdio: ['ignore', 'pipe', 'pipe'] });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => (stdout += chunk));
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => (stderr += chunk));
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      child.kill('SIGKILL');
      reject(new Error(`${name} did not end in ${String(DEADLINE)} ms\n${stdout}${stderr}`));
    }, DEADLINE);
    child.once('error', reject).once('close', exitCode => {
      clearTimeout(timer);
      resolve({ code: exitCode, stdout, stderr });
    });
  });
}
