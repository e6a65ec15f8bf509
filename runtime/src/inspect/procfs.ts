import fs from 'node:fs';

/** What the operating system says about a process. */
export interface ProcStat {
  /** Epoch milliseconds, to about a second. */
  readonly startedAt: number;
  readonly zombie: boolean;
  readonly rssBytes: number;
  readonly cpuMs: number;
}

const HAS_PROC = process.platform === 'linux';
/** USER_HZ is 100 on every Linux that Node runs on. */
const MS_PER_TICK = 10;
const buffer = Buffer.allocUnsafe(1024);

/** Fields of /proc/<pid>/stat, see proc(5); undefined when there is no such process, or no /proc. */
export function procStat(pid: number): ProcStat | undefined {
  if (!HAS_PROC) return undefined;
  let length: number;
  try {
    const fd = fs.openSync(`/proc/${pid}/stat`, 'r');
    try {
      length = fs.readSync(fd, buffer, 0, buffer.length, 0);
    } finally {
      fs.closeSync(fd);
    }
  } catch {
    return undefined;
  }
  // The name is in brackets and may hold anything, brackets and spaces too: what counts comes after the last one.
  const text = buffer.toString('latin1', 0, length);
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  const field = (number: number): number => Number(fields[number - 3]);
  return {
    startedAt: bootTime() + field(22) * MS_PER_TICK,
    zombie: fields[0] === 'Z' || fields[0] === 'X',
    rssBytes: field(24) * pageSize(),
    cpuMs: (field(14) + field(15)) * MS_PER_TICK,
  };
}

/** Whether the pid is in use at all, by a process of this user: the cheapest question there is. */
export function pidExists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false; // EPERM too: ours would let itself be signalled
  }
}

let boot: number | undefined;
let page: number | undefined;

function bootTime(): number {
  return (boot ??= Number(/^btime (\d+)$/m.exec(fs.readFileSync('/proc/stat', 'utf8'))?.[1] ?? 0) * 1000);
}

/** The kernel says the resident size of a process in pages here and in KiB there. */
function pageSize(): number {
  if (page !== undefined) return page;
  const kib = Number(/^KernelPageSize:\s+(\d+) kB$/m.exec(safeRead('/proc/self/smaps'))?.[1] ?? 4);
  return (page = kib * 1024);
}

function safeRead(file: string): string {
  try {
    return fs.readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
