// What a figure depends on besides the code: the machine, the versions, and what else was going on.
import { execFileSync } from 'node:child_process';
import os from 'node:os';

const load = () => Number(os.loadavg()[0].toFixed(2));

/** Taken before the first measurement; `loadAfter` is added by `after`. */
export function machineFacts() {
  return {
    date: new Date().toISOString(),
    cpu: os.cpus()[0]?.model.trim() ?? 'unknown',
    cores: os.availableParallelism(),
    memoryGiB: Math.round(os.totalmem() / 2 ** 30),
    system: `${os.type()} ${os.release()} ${os.arch()}`,
    node: process.version,
    python: python()?.version ?? 'missing',
    loadBefore: load(),
  };
}

export const after = facts => ({ ...facts, loadAfter: load() });

let found;

/** @returns {{ file: string, version: string } | undefined} the interpreter itself, not a launcher in front of it */
export function python() {
  if (found === undefined) {
    try {
      const say = 'import platform, sys; print(sys.executable); print(platform.python_version())';
      const options = { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] };
      const [file, version] = execFileSync(process.env.PYTHON ?? 'python3', ['-c', say], options)
        .trim()
        .split('\n');
      found = { file, version };
    } catch {
      found = null;
    }
  }
  return found ?? undefined;
}
