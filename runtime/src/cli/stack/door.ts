import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import http from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';

/** Where a process's inspector answers. */
export interface Door {
  readonly url: string;
  /** Whether it was open before we came: then it stays so. */
  readonly wasOpen: boolean;
}

/** A process whose inspector does not open. */
export class NoDoor extends Error {}

/** How long a process may take to open it; one in a Sync wait or stopped for a moment does so when it next runs. */
const PATIENCE = 5000;
const LOOK_EVERY = 15;
const ANSWER = 1500;
/** Where Node opens it when nobody said otherwise; children of manycore take any free port. */
const USUAL = 9229;

/** Opens the inspector of a process with SIGUSR1 and finds the port that it really listens on. */
export async function openDoor(pid: number, patience = PATIENCE): Promise<Door> {
  if (process.platform === 'win32') {
    throw new NoDoor(`stack needs SIGUSR1, which Windows has not; attach with: node inspect -p ${pid}`);
  }
  const before = listening(pid);
  if (!hearsSigusr1(pid)) {
    throw new NoDoor(
      'it does not let its inspector be opened from outside (--disable-sigusr1, or it is just starting)',
    );
  }
  // The signal would wait for it, and open a port that nobody closes any more.
  if (/^State:\s*[Tt]/m.test(text(`/proc/${pid}/status`))) throw new NoDoor('it is stopped (SIGSTOP or a debugger)');
  const deadline = Date.now() + patience;
  process.kill(pid, 'SIGUSR1');
  while (Date.now() < deadline) {
    const fresh = listening(pid).filter(port => !before.includes(port));
    for (const port of fresh) {
      const url = await inspectorAt(port);
      if (url !== undefined) return { url, wasOpen: false };
    }
    // One that is open stays where it is; the process's own servers are asked only when nothing new has come.
    if (deadline - Date.now() < patience - ANSWER) {
      for (const port of before) {
        const url = await inspectorAt(port);
        if (url !== undefined) return { url, wasOpen: true };
      }
    }
    await sleep(LOOK_EVERY);
  }
  const taken = !before.includes(USUAL) && (await isTaken(USUAL));
  throw new NoDoor(
    `its inspector has not opened within ${patience / 1000} s: it may be deep in native code, have a handler ` +
      `of its own for SIGUSR1${taken ? `, or want port ${USUAL}, which another process has` : ''}`,
  );
}

/** The TCP ports on which a process listens. */
export function listening(pid: number): number[] {
  return process.platform === 'linux' ? listeningLinux(pid) : listeningLsof(pid);
}

/** Its sockets are among its file descriptors, and the system's table says which of them listen; see proc(5). */
function listeningLinux(pid: number): number[] {
  const inodes = new Set<string>();
  for (const fd of entries(`/proc/${pid}/fd`)) {
    try {
      const inode = /^socket:\[(\d+)\]$/.exec(fs.readlinkSync(`/proc/${pid}/fd/${fd}`))?.[1];
      if (inode !== undefined) inodes.add(inode);
    } catch {
      // closed meanwhile
    }
  }
  const LISTEN = '0A';
  return ['tcp', 'tcp6'].flatMap(table =>
    text(`/proc/${pid}/net/${table}`)
      .split('\n')
      .flatMap(row => {
        const [, local = '', , state, , , , , , inode = ''] = row.trim().split(/\s+/);
        return state === LISTEN && inodes.has(inode) ? [parseInt(local.slice(local.lastIndexOf(':') + 1), 16)] : [];
      }),
  );
}

function listeningLsof(pid: number): number[] {
  try {
    const args = ['-nP', '-a', '-p', String(pid), '-iTCP', '-sTCP:LISTEN', '-Fn'];
    const printed = execFileSync('lsof', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
    return [...printed.matchAll(/^n.*:(\d+)$/gm)].map(([, port]) => Number(port));
  } catch {
    return []; // it exits with 1 when there are none
  }
}

/** A process without a handler would die of the signal. Where nobody tells (macOS), it is taken to have Node's own. */
function hearsSigusr1(pid: number): boolean {
  const SIGUSR1 = 10;
  const caught = /^SigCgt:\s*([0-9a-f]+)$/m.exec(text(`/proc/${pid}/status`))?.[1];
  return process.platform !== 'linux' || (BigInt(`0x${caught ?? '0'}`) & (1n << BigInt(SIGUSR1 - 1))) !== 0n;
}

/** The address of the debugger's WebSocket, if what listens there is an inspector. */
async function inspectorAt(port: number): Promise<string | undefined> {
  try {
    const answer: unknown = JSON.parse(await get(port));
    const first: unknown = Array.isArray(answer) ? answer[0] : undefined;
    const url: unknown =
      typeof first === 'object' && first !== null ? Reflect.get(first, 'webSocketDebuggerUrl') : undefined;
    // The answer is the process's own: it leads to the same port, and nowhere else.
    return typeof url === 'string' && url.startsWith(`ws://127.0.0.1:${port}/`) ? url : undefined;
  } catch {
    return undefined;
  }
}

function get(port: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const signal = AbortSignal.timeout(ANSWER);
    http
      .get({ host: '127.0.0.1', port, path: '/json/list', signal, agent: false }, answer => {
        let body = '';
        answer.setEncoding('utf8');
        answer.on('data', (chunk: string) => {
          body += chunk;
          if (body.length > 100_000) answer.destroy(new Error('no inspector says so much'));
        });
        answer.on('end', () => resolve(body));
        answer.on('error', reject);
      })
      .on('error', reject);
  });
}

async function isTaken(port: number): Promise<boolean> {
  return get(port).then(
    () => true,
    (error: unknown) => !(error instanceof Error && 'code' in error && error.code === 'ECONNREFUSED'),
  );
}

function entries(dir: string): string[] {
  try {
    return fs.readdirSync(dir);
  } catch {
    return [];
  }
}

function text(file: string): string {
  try {
    return fs.readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
