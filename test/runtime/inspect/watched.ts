import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { lineOf, privateRoot } from '../process/support.js';

/** The file of the program. */
export const fixture = fileURLToPath(new URL('fixtures/program.js', import.meta.url));

/** The program under a root of its own, which is this process's too until `end`: whoever reads here sees it alone. */
export async function startWatched(...args: string[]): Promise<{ main: ChildProcess; end: () => Promise<void> }> {
  const root = privateRoot();
  const given = process.env['MANYCORE_DIR'];
  process.env['MANYCORE_DIR'] = root.env['MANYCORE_DIR'];
  const main = spawn(process.execPath, [fixture, ...args], { stdio: ['pipe', 'pipe', 'ignore'] });
  const end = async (): Promise<void> => {
    main.stdin.end('end\n');
    if (main.exitCode === null) await once(main, 'exit');
    root[Symbol.dispose]();
    if (given === undefined) delete process.env['MANYCORE_DIR'];
    else process.env['MANYCORE_DIR'] = given;
  };
  assert.equal(await lineOf(main.stdout), 'ready');
  return { main, end };
}
