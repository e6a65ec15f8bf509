import * as assert from 'node:assert/strict';
import { progressMessage } from '../../client/src/run/outcome.js';
import { RunningJobs } from '../../client/src/tree/runningJobs.js';
import { ProcessModel } from '../../client/src/tree/model.js';
import { began, drawn, pool, process, program, worker } from './snapshots.js';

const at = (seconds: number) => began + seconds * 1000;

describe('The model of the Processes tree', () => {
  it('shows program, process, pool, worker and current task', () => {
    const model = new ProcessModel();
    const busy = worker(2, { state: 'busy', task: 'crunch(7)', tasksDone: 3, rssBytes: 50 * 1048576 });
    const pools = [pool({ submitted: 9, done: 3, queued: 5, running: 1 })];
    model.update([program([process(0), worker(1, { tasksDone: 2 }), busy, process(3)], { pools })], at(1));
    assert.equal(
      drawn(model.roots),
      `count.ts [4 processes · pid 100]
  MainProcess [running · pid 100]
    Process-3 [running · pid 103]
    Pool-1 [2 workers · 3/9 done · 5 queued]
      PoolWorker-1 [idle · pid 101 · 2 done]
        no task
      PoolWorker-2 [busy · pid 102 · 50 MB · 3 done]
        crunch(7)
`,
    );
  });

  it('shows how far the running call of a pool is', () => {
    const model = new ProcessModel();
    const line = (rest: object) => {
      model.update([program([process(0)], { pools: [pool({ submitted: 12_000, done: 4234, ...rest })] })], at(1));
      return [...model.rows()].find(({ kind }) => kind === 'pool')?.face;
    };
    assert.equal(line({ progress: null })?.description, '2 workers · 4,234/12,000 done');
    const face = line({ progress: { done: 1234, total: 10_000 }, queued: 8764, failed: 2 });
    assert.equal(face?.description, '2 workers · 1,234 of 10,000 · 12 % · 8764 queued · 2 failed');
    assert.match(face.tooltip, /now at 1,234 of 10,000 · 12 %/);
    assert.equal(line({ progress: { done: 9999, total: 10_000 } })?.description, '2 workers · 9,999 of 10,000 · 99 %');
    assert.equal(line({ progress: { done: 7, total: null } })?.description, '2 workers · 7 done so far');
  });

  it('shows how far a job of "Run in pool" is, whose pool gets one input at a time', () => {
    const jobs = new RunningJobs();
    const runner = program([process(0)], { pools: [pool({ submitted: 5, done: 3 }), pool({ id: 2, ownerSlot: 3 })] });
    const other = program([process(0, { pid: 7 })], { id: 'p2', mainPid: 7, pools: [pool()] });
    const shown = () => jobs.shownIn([runner, other]).map(({ pools }) => pools.map(({ progress }) => progress));
    assert.deepEqual(shown(), [[null, null], [null]]);
    jobs.started(100, 40);
    jobs.progressed(100, 3);
    jobs.progressed(8, 3);
    assert.deepEqual(shown(), [[{ done: 3, total: 40 }, null], [null]]);
    jobs.ended(100);
    assert.deepEqual(shown(), [[null, null], [null]]);
  });

  it('says in the notification how far a job is, what failed, and how long the rest takes', () => {
    const say = (done: number, failed: number, ms: number) => progressMessage({ done, failed, total: 10_000, ms });
    assert.equal(say(0, 0, 5000), '0 of 10,000 · 0 %');
    assert.equal(say(1234, 3, 5000), '1,234 of 10,000 · 12 % · 3 failed · 36 s left');
    assert.equal(say(10, 0, 500), '10 of 10,000 · 0 %');
    assert.equal(say(1000, 1000, 60_000), '1,000 of 10,000 · 10 % · 1,000 failed · 9 min left');
    assert.equal(say(1, 0, 3000), '1 of 10,000 · 0 % · 8 h 20 min left');
    assert.equal(say(10_000, 0, 5000), '10,000 of 10,000 · 100 %');
    assert.equal(progressMessage({ done: 0, failed: 0, total: 0, ms: 0 }), '0 of 0');
  });

  it('shows what a process waits for, and since when', () => {
    const model = new ProcessModel();
    const waits = (kind: string, name: string) => {
      const waiting = process(0, { state: 'waiting', waitingFor: { kind, name, sinceMs: began } });
      model.update([program([waiting])], at(1));
      return [...model.rows()].find(({ kind: of }) => of === 'process')?.face;
    };
    assert.equal(waits('queueGet', 'uploads')?.description, 'waiting for queue get uploads · pid 100');
    assert.equal(waits('lock', '#5')?.description, 'waiting for lock #5 · pid 100');
    const face = waits('process', 'Process-3');
    assert.equal(face?.description, 'waiting for process Process-3 · pid 100');
    assert.match(face.tooltip, /waits for `process Process-3` since /);
    assert.equal(waits('connection', '')?.description, 'waiting for connection · pid 100');
  });

  it('shows what a process started below that process', () => {
    const model = new ProcessModel();
    const grandchild = process(2, { parentSlot: 1, parentPid: 101 });
    model.update([program([process(0), process(1), grandchild])], at(1));
    const [main] = model.roots[0]?.children ?? [];
    assert.deepEqual(
      main?.children.map(child => [child.face.label, child.children.map(({ face }) => face.label)]),
      [['Process-1', ['Process-2']]],
    );
  });

  it('keeps the row of the task while a worker goes idle and busy again', () => {
    const model = new ProcessModel();
    const look = (rest: object, second: number) =>
      model.update([program([process(0), worker(1, rest)], { pools: [pool()] })], at(second));
    look({ state: 'busy', task: 'crunch(1)' }, 1);
    const row = [...model.rows()].find(({ kind }) => kind === 'task');
    look({ state: 'idle', task: 'crunch(1)' }, 2);
    assert.equal(row?.face.label, 'no task');
    look({ state: 'busy', task: 'crunch(2)' }, 3);
    assert.equal(row.face.label, 'crunch(2)');
    assert.ok([...model.rows()].includes(row));
  });

  it('tells only the rows that changed', () => {
    const model = new ProcessModel();
    const pools = [pool()];
    model.update([program([process(0), worker(1), worker(2)], { pools })], at(1));
    assert.deepEqual(model.update([program([process(0), worker(1), worker(2)], { pools })], at(2)), {
      everything: false,
      rows: [],
    });
    const { everything, rows } = model.update(
      [program([process(0), worker(1, { tasksDone: 1 }), worker(2)], { pools })],
      at(3),
    );
    assert.equal(everything, false);
    assert.deepEqual(
      rows.map(row => row.face.label),
      ['PoolWorker-1'],
    );
  });

  it('tells the parent when a row is added, and keeps the objects of the others', () => {
    const model = new ProcessModel();
    const pools = [pool()];
    model.update([program([process(0), worker(1)], { pools })], at(1));
    const before = [...model.rows()];
    const { rows } = model.update([program([process(0), worker(1), worker(2)], { pools })], at(2));
    // The program's own line counts its processes, so it is drawn again, and with it everything below.
    assert.deepEqual(
      rows.map(row => row.face.label),
      ['count.ts'],
    );
    const after = new Set(model.rows());
    assert.ok(before.every(row => after.has(row)));
  });

  it('measures the CPU between two looks', () => {
    const model = new ProcessModel();
    model.update([program([process(0, { cpuMs: 500 })])], at(1));
    model.update([program([process(0, { cpuMs: 1400 })])], at(2));
    assert.match(drawn(model.roots), /MainProcess \[running · pid 100 · 90 %\]/);
  });

  it('keeps a worker that was killed, with its signal, beside the one that replaced it in its slot', () => {
    const model = new ProcessModel();
    const pools = [pool()];
    model.update([program([process(0), worker(1)], { pools })], at(1));
    const dead = worker(1, {
      state: 'died',
      signal: 'SIGKILL',
      exitCode: -9,
      endedAt: at(2),
      stderrTail: 'last words',
    });
    model.update([program([process(0), dead], { pools })], at(2));
    const replaced = worker(1, { generation: 2, pid: 201, name: 'PoolWorker-2' });
    model.update([program([process(0), replaced], { pools })], at(3));
    assert.match(
      drawn(model.roots),
      /PoolWorker-1 \[died: SIGKILL · pid 101 · 0 done\]\n\s+PoolWorker-2 \[idle · pid 201/,
    );
    const row = [...model.rows()].find(({ face }) => face.label === 'PoolWorker-1');
    assert.match(row?.face.tooltip ?? '', /ended by signal SIGKILL[^]*last words/);
    assert.equal(row?.face.context, 'worker.dead');
  });

  it('keeps a program that has gone until it is cleared, and does not bring it back', () => {
    const model = new ProcessModel();
    model.update([program([process(0)])], at(1));
    model.update([], at(2));
    assert.equal(drawn(model.roots), 'count.ts [ended · pid 100]\n  MainProcess [ended · pid 100]\n');
    assert.equal(model.roots[0]?.open, false, 'it folds up, since nothing went wrong');
    const gone = program([process(0, { state: 'died', signal: 'SIGKILL', exitCode: -9 })], { alive: false });
    model.update([gone], at(3));
    assert.match(drawn(model.roots), /MainProcess \[died: SIGKILL/);
    model.clearDead(at(4));
    model.update([gone], at(5));
    assert.deepEqual(model.roots, []);
  });

  it('clears the dead of a program that lives, and only them', () => {
    const model = new ProcessModel();
    const snapshot = program([process(0), process(1, { state: 'exited', exitCode: 0 }), process(2)]);
    model.update([snapshot], at(1));
    model.clearDead(at(2));
    model.update([snapshot], at(3));
    assert.deepEqual(
      [...model.rows()].map(({ face }) => face.label),
      ['count.ts', 'MainProcess', 'Process-2'],
    );
  });

  it('hides what is beyond a hundred siblings behind one row, the dead first', () => {
    const model = new ProcessModel();
    const dead = worker(1, { state: 'exited', exitCode: 0 });
    const many = Array.from({ length: 250 }, (_, index) => worker(index + 2));
    model.update([program([process(0), dead, ...many], { pools: [pool()] })], at(1));
    const rows = [...model.rows()].find(({ kind }) => kind === 'pool')?.children ?? [];
    assert.equal(rows.length, 101);
    assert.equal(rows.at(-1)?.face.label, '151 more');
    const rest = rows.at(-1)?.children ?? [];
    assert.equal(rest.length, 101);
    assert.equal(rest.at(-1)?.children.at(-1)?.face.label, 'PoolWorker-1');
    assert.equal(new Set([...model.rows()].map(({ id }) => id)).size, [...model.rows()].length);
  });

  it('cannot be broken by what a process says about itself', () => {
    const model = new ProcessModel();
    model.update(
      [program([process(0, { stderrTail: '```\n[click](command:evil)', task: '`x`\n# y', state: 'busy' })])],
      at(1),
    );
    const row = [...model.rows()].find(({ kind }) => kind === 'process');
    assert.equal(row?.face.tooltip.match(/```/g)?.length, 2);
  });
});
