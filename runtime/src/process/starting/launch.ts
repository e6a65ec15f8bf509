import type { ChildProcess, SpawnOptions, StdioOptions } from 'node:child_process';
import { OSError } from '../../errors.js';
import { childProcess } from '../../lazyNode.js';
import { layout, program, slotWord, type ClaimedSlot } from '../../memory/index.js';
import { executable, reasonAgainst } from './executable.js';
import { bootArguments } from './frozen.js';
import { inheritedExecArgv, withoutInspector } from './nodeOptions.js';
import { titleOf } from './title.js';

const { Slot } = layout;

export const CHILD_FLAG = '--manycore-child';
/** Where a child finds the descriptor that holds its life's lock, if it travels as one. */
export const LOCK_FD = 3;

/** What a new Node needs to be told before it runs anything. */
export interface Launch {
  readonly name: string;
  /** Of stdout and stderr; stdin is never there. */
  readonly output: 'inherit' | 'ignore' | 'pipe';
  readonly execArgv?: readonly string[] | undefined;
  readonly env?: NodeJS.ProcessEnv | undefined;
}

/**
 * Starts a Node that will be the process of the slot, which holds its boot message already. It has been given the
 * slot's lock when this returns. Throws OSError when the system refuses.
 */
export function launchNode(claimed: ClaimedSlot, { name, output, ...own }: Launch): ChildProcess & { pid: number } {
  const stdio: StdioOptions = ['ignore', output, output, claimed.lock.inherited];
  const args = bootArguments(own.execArgv ?? inheritedExecArgv(), [CHILD_FLAG, program().dir, String(claimed.slot)]);
  const options = { argv0: titleOf(name), stdio, env: environment(own.env), windowsHide: true };
  const started = start(args, options);
  // A failed start is told twice: now by the missing pid, and later by an event that would end the process.
  started.on('error', () => undefined);
  if (started.pid === undefined) throw refused(started);
  claimed.lock.giveTo(started.pid);
  // Only now: a child that finds its pid here knows that it has its lock.
  Atomics.store(program().table.i32, slotWord(claimed.slot) + Slot.pid_W, started.pid);
  return started as ChildProcess & { pid: number };
}

function start(args: readonly string[], options: SpawnOptions): ChildProcess {
  if (executable() === '') throw new OSError('ENOENT', 'process.execPath is empty: setExecutable() says what to start');
  try {
    return childProcess().spawn(executable(), args, options);
  } catch (cause) {
    if (Reflect.get(cause as object, 'code') !== 'ERR_ACCESS_DENIED') throw cause;
    const way = 'Start Node with --allow-child-process, too (and --allow-addons, --allow-fs-read, --allow-fs-write)';
    const told = `Node's permissions do not let this process start others. ${way}.`;
    throw new OSError('ERR_ACCESS_DENIED', told, { cause });
  }
}

/** Inside Electron (a VS Code extension) the executable is Node only when asked to be. */
function environment(env: NodeJS.ProcessEnv = process.env): NodeJS.ProcessEnv {
  const options = env['NODE_OPTIONS'] ?? '';
  const kept = withoutInspector(options);
  const debuggable = kept === options ? env : { ...env, NODE_OPTIONS: kept };
  return 'electron' in process.versions ? { ...debuggable, ELECTRON_RUN_AS_NODE: '1' } : debuggable;
}

function refused(started: ChildProcess): OSError {
  const told = (code: string, why: string): OSError =>
    new OSError(code, `the system refused to start a process: ${why}`);
  // Node says why in an event, later. But it has got no further than to the pipes when there is no descriptor left.
  if ((started as Partial<ChildProcess>).stdin === undefined) {
    return told('EMFILE', 'this process has no file descriptor left (EMFILE); ulimit -n says how many it may have');
  }
  started.unref();
  const file = executable();
  const reason = reasonAgainst(file);
  if (reason === undefined) return told('EAGAIN', 'it has no room for one more (processes or memory)');
  const missing = `there is no ${file}`;
  return told(reason, reason === 'ENOENT' ? missing : `it cannot run ${file}`);
}
