import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, describe, test } from 'node:test';
import { internals } from '../internals.js';

const { cgroup, usableCpus } = internals;
const home = fs.mkdtempSync(path.join(os.tmpdir(), 'manycore-cgroup-'));
after(() => fs.rmSync(home, { recursive: true, force: true }));
let trees = 0;

/** A machine made of files. */
function tree(files: Record<string, string>): string {
  const root = path.join(home, String(trees++));
  for (const [name, text] of Object.entries(files)) {
    fs.mkdirSync(path.dirname(path.join(root, name)), { recursive: true });
    fs.writeFileSync(path.join(root, name), text);
  }
  return root;
}

const UNIFIED = '30 23 0:26 / /sys/fs/cgroup rw,nosuid shared:4 - cgroup2 cgroup2 rw,nsdelegate\n';
const CPU = '33 31 0:30 / /sys/fs/cgroup/cpu,cpuacct rw shared:9 - cgroup cgroup rw,cpu,cpuacct\n';
const MEMORY = '35 31 0:32 / /sys/fs/cgroup/memory rw shared:9 - cgroup cgroup rw,memory\n';

describe('processors a control group pays for', () => {
  test('version 2: the group itself', () => {
    const root = tree({
      'proc/self/cgroup': '0::/app\n',
      'proc/self/mountinfo': UNIFIED,
      'sys/fs/cgroup/app/cpu.max': '150000 100000\n',
    });
    assert.equal(cgroup.cpuQuota(root), 1.5);
  });

  test('version 2: the smallest limit on the way up holds; "max" is none', () => {
    const files = {
      'proc/self/cgroup': '0::/user.slice/app.service/inner\n',
      'proc/self/mountinfo': UNIFIED,
      'sys/fs/cgroup/user.slice/app.service/inner/cpu.max': 'max 100000\n',
      'sys/fs/cgroup/user.slice/app.service/cpu.max': '300000 100000\n',
    };
    assert.equal(cgroup.cpuQuota(tree(files)), 3);
    assert.equal(cgroup.cpuQuota(tree({ ...files, 'sys/fs/cgroup/user.slice/cpu.max': '50000 100000' })), 0.5);
  });

  test('version 1: quota and period; -1 is none; other hierarchies do not matter', () => {
    const files = {
      'proc/self/cgroup': '4:memory:/other\n1:cpu,cpuacct:/docker/abc\n0::/\n',
      'proc/self/mountinfo': MEMORY + CPU + UNIFIED,
      'sys/fs/cgroup/cpu,cpuacct/docker/abc/cpu.cfs_period_us': '100000\n',
      'sys/fs/cgroup/memory/other/cpu.cfs_quota_us': '10000\n',
      'sys/fs/cgroup/memory/other/cpu.cfs_period_us': '100000\n',
    };
    const quota = 'sys/fs/cgroup/cpu,cpuacct/docker/abc/cpu.cfs_quota_us';
    assert.equal(cgroup.cpuQuota(tree({ ...files, [quota]: '250000\n' })), 2.5);
    assert.equal(cgroup.cpuQuota(tree({ ...files, [quota]: '-1\n' })), Infinity);
  });

  test('a container that sees only its own group, with the path the host gives it', () => {
    const own = CPU.replace('0:30 / ', '0:30 /docker/abc ');
    const files = {
      'proc/self/mountinfo': own,
      'sys/fs/cgroup/cpu,cpuacct/cpu.cfs_quota_us': '200000\n',
      'sys/fs/cgroup/cpu,cpuacct/cpu.cfs_period_us': '100000\n',
    };
    for (const at of ['/docker/abc', '/kubepods/elsewhere', '/../../outside']) {
      assert.equal(cgroup.cpuQuota(tree({ ...files, 'proc/self/cgroup': `1:cpu,cpuacct:${at}\n` })), 2, at);
    }
  });

  test('paths with blanks and colons', () => {
    const root = tree({
      'proc/self/cgroup': '0::/a:b c\n',
      'proc/self/mountinfo': UNIFIED.replace('/sys/fs/cgroup', '/sys/fs/my\\040groups'),
      'sys/fs/my groups/a:b c/cpu.max': '100000 100000',
    });
    assert.equal(cgroup.cpuQuota(root), 1);
  });

  test('no control groups, or files nobody can read: no limit', () => {
    assert.equal(cgroup.cpuQuota(path.join(home, 'nowhere')), Infinity);
    const root = tree({ 'proc/self/cgroup': 'rubbish\n0::/a\n', 'proc/self/mountinfo': `rubbish\n${UNIFIED}` });
    assert.equal(cgroup.cpuQuota(root), Infinity);
    for (const text of ['', 'max', '0 100000', '-1 100000', '1 0', 'x y']) {
      assert.equal(cgroup.parseCpuMax(text), Infinity, text);
    }
  });

  test('a part of a processor counts as one, and there is always one', () => {
    assert.deepEqual(
      [usableCpus(8, Infinity), usableCpus(8, 2.1), usableCpus(8, 3), usableCpus(2, 6), usableCpus(8, 0.01)],
      [8, 3, 3, 2, 1],
    );
  });
});
