import fs from 'node:fs';
import path from 'node:path';

/** One line of /proc/self/cgroup: in which group of which hierarchy this process is. */
interface Membership {
  /** Empty for version 2, which has one hierarchy for everything. */
  readonly controllers: readonly string[];
  readonly path: string;
}

/** A line of /proc/self/mountinfo, as far as it matters here. */
interface Mount {
  /** The part of the hierarchy that is to be seen, as a path within it. */
  readonly root: string;
  readonly mountPoint: string;
  readonly type: string;
  readonly options: readonly string[];
}

/** Lines are `4:cpu,cpuacct:/a/b`, or `0::/a/b`; a path may hold colons. */
function parseMemberships(text: string): Membership[] {
  const memberships: Membership[] = [];
  for (const line of text.split('\n')) {
    const [, controllers, at] = /^\d+:([^:]*):(\/.*)$/.exec(line) ?? [];
    if (controllers === undefined || at === undefined) continue;
    memberships.push({ controllers: controllers === '' ? [] : controllers.split(','), path: at });
  }
  return memberships;
}

/** Mounts of cgroup hierarchies: `11 32 0:28 /root /mount/point rw shared:1 - cgroup cgroup rw,cpu`. */
function parseMounts(text: string): Mount[] {
  const mounts: Mount[] = [];
  for (const line of text.split('\n')) {
    const [before = '', after = ''] = line.split(' - ');
    const [, , , root, mountPoint] = before.split(' ');
    const [type = '', , options = ''] = after.split(' ');
    if (root === undefined || mountPoint === undefined || !type.startsWith('cgroup')) continue;
    mounts.push({ root: unescaped(root), mountPoint: unescaped(mountPoint), type, options: options.split(',') });
  }
  return mounts;
}

/** Blanks and the like are written as `\040`. */
const unescaped = (text: string): string =>
  text.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(parseInt(octal, 8)));

/** `150000 100000`, or `max 100000` for no limit: processors, perhaps with a fraction. */
export function parseCpuMax(text: string): number {
  const [quota, period] = text.trim().split(/\s+/).map(Number);
  return share(quota, period);
}

/** The two files of version 1; a quota of -1 is no limit. */
const parseCfs = (quota: string, period: string): number => share(Number(quota.trim()), Number(period.trim()));

const share = (quota = NaN, period = NaN): number => (quota > 0 && period > 0 ? quota / period : Infinity);

/**
 * How many processors' worth of time the control groups let this process have; Infinity without a limit, and where
 * there are no control groups. A group's limit counts for all groups in it, so the smallest on the way up holds.
 * `root` is `/` except in tests.
 */
export function cpuQuota(root = '/'): number {
  const memberships = parseMemberships(textOf(path.join(root, 'proc/self/cgroup')));
  const mounts = parseMounts(textOf(path.join(root, 'proc/self/mountinfo')));
  let least = Infinity;
  for (const membership of memberships) {
    const unified = membership.controllers.length === 0;
    if (!unified && !membership.controllers.includes('cpu')) continue;
    for (const mount of mounts) {
      const holds = unified ? mount.type === 'cgroup2' : mount.type === 'cgroup' && mount.options.includes('cpu');
      if (!holds) continue;
      for (const group of groupsFrom(membership.path, mount)) {
        least = Math.min(least, limitIn(path.join(root, mount.mountPoint, group), unified));
      }
    }
  }
  return least;
}

function limitIn(dir: string, unified: boolean): number {
  if (unified) return parseCpuMax(textOf(path.join(dir, 'cpu.max')));
  return parseCfs(textOf(path.join(dir, 'cpu.cfs_quota_us')), textOf(path.join(dir, 'cpu.cfs_period_us')));
}

/**
 * A group and all above it, as paths below the mount point. What lies outside of what is mounted (a container that
 * sees its own group only) cannot be asked; its own group is the mount point itself then.
 */
function groupsFrom(at: string, mount: Mount): string[] {
  const below = path.posix.relative(mount.root, at);
  const parts = below === '' || below.startsWith('..') || at.includes('/..') ? [] : below.split('/');
  return Array.from({ length: parts.length + 1 }, (_, i) => parts.slice(0, i).join('/'));
}

function textOf(file: string): string {
  try {
    return fs.readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
