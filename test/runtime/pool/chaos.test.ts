import assert from 'node:assert/strict';
import fs from 'node:fs';
import { describe, test } from 'node:test';
import { isDeepStrictEqual } from 'node:util';
import { setTimeout as sleep } from 'node:timers/promises';
import { Pool } from 'manycore';
import { readProgram, readPrograms } from 'manycore/inspect';
import { seeded } from '../../fuzz/random.js';
import * as tasks from './fixtures/tasks.js';
import { DEADLINE, finish, inTime, range, scratchFile } from './support.js';

const KILLS = Number(process.env['MANYCORE_KILLS'] ?? 60);
const SEED = Number(process.env['MANYCORE_SEED'] ?? 1);

/** The pids of this program's workers that live; `grown`: that can take tasks. */
function workers(which: 'all' | 'grown' = 'all'): number[] {
  const dir = readPrograms().find(program => program.mainPid === process.pid)?.dir ?? '';
  const processes = readProgram(dir)?.processes ?? [];
  const states = which === 'grown' ? ['idle', 'busy'] : ['starting', 'running', 'idle', 'busy', 'waiting'];
  return processes.filter(({ kind, state }) => kind === 'worker' && states.includes(state)).map(({ pid }) => pid);
}

/** One of them. Mostly leaves one that works, or a loaded machine would do nothing but start workers. */
function victimOf(rnd: () => number): number | undefined {
  const grown = workers('grown');
  const candidates = rnd() < 0.1 ? workers() : grown.length > 1 ? grown : [];
  return candidates[Math.floor(rnd() * candidates.length)];
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended meanwhile.
  }
}

function ranTimes(journal: string): Map<number, number> {
  const bytes = fs.readFileSync(journal);
  const times = new Map<number, number>();
  for (let at = 0; at + 4 <= bytes.length; at += 4) {
    const n = bytes.readInt32LE(at);
    times.set(n, (times.get(n) ?? 0) + 1);
  }
  return times;
}

describe('a pool whose workers are killed at random instants', { timeout: DEADLINE * 10 }, () => {
  test(`${KILLS} kills: every call has its answer or its WorkerLostError, nothing runs twice, nothing hangs`, async t => {
    const rnd = seeded(SEED);
    using journal = scratchFile();
    const pool = new Pool(3);
    let kills = 0;
    let submitted = 0;
    let lost = 0;
    let done = 0;
    let wrong: Error | undefined;
    const answers: Promise<void>[] = [];
    const call = (): void => {
      const n = submitted++;
      // Now and then a message that travels beside the ring, in a segment of its own.
      const payload = rnd() < 0.01 ? 'x'.repeat(300_000) : rnd() < 0.05 ? 'y'.repeat(20_000) : 'z';
      answers.push(
        pool.apply(tasks.journaled, [journal.path, n, payload]).then(
          answer => {
            done++;
            if (!isDeepStrictEqual(answer, { n, payload })) wrong ??= new Error(`another's answer for ${n}`);
          },
          (error: Error) => {
            lost++;
            if (error.name !== 'WorkerLostError') wrong ??= error;
          },
        ),
      );
    };
    while (kills < KILLS) {
      await sleep(rnd() * 5);
      const victim = victimOf(rnd);
      for (let i = Math.floor(rnd() * 300); i > 0; i--) call();
      // Half of them while the first tasks are on their way, the others a few milliseconds later.
      if (rnd() < 0.5) await sleep(rnd() * 4);
      else await Promise.resolve();
      const until = performance.now() + rnd() * 0.5;
      while (performance.now() < until);
      if (victim === undefined) continue;
      kill(victim);
      kills++;
    }
    await inTime(Promise.all(answers), `the answers; ${done} done and ${lost} lost of ${submitted}`);
    await finish(pool);
    t.diagnostic(`${submitted} calls, ${done} done, ${lost} lost with their worker, ${kills} kills`);
    assert.equal(wrong, undefined);
    assert.equal(done + lost, submitted);
    assert.ok(lost <= kills, `${lost} lost by ${kills} kills`);
    const times = ranTimes(journal.path);
    assert.deepEqual(
      [...times].filter(([, count]) => count > 1),
      [],
    );
  });

  test('maps and imaps go on over kills, and say what was lost', async () => {
    const rnd = seeded(SEED + 1);
    using journal = scratchFile();
    const pool = new Pool(3);
    let over = false;
    const killer = (async () => {
      while (!over) {
        await sleep(30 + rnd() * 60);
        const victim = victimOf(rnd);
        if (victim !== undefined) kill(victim);
      }
    })();
    let n = 0;
    for (let round = 0; round < Math.ceil(KILLS / 10); round++) {
      const inputs = range(400).map(() => [journal.path, n++] as [string, number]);
      const mapped = pool.map(tasks.journalItem, inputs, { chunkSize: 1 + Math.floor(rnd() * 20) });
      await inTime(mapped).then(
        result =>
          assert.deepEqual(
            result,
            inputs.map(([, i]) => i),
          ),
        (error: Error) => assert.equal(error.name, 'WorkerLostError', String(error)),
      );
      const more = range(400).map(() => [journal.path, n++] as [string, number]);
      const it = pool.imap(tasks.journalItem, more, { chunkSize: 1 + Math.floor(rnd() * 5) });
      for (const [, i] of more) {
        await inTime(it.next()).then(
          step => assert.equal(step.value, i),
          (error: Error) => assert.equal(error.name, 'WorkerLostError', String(error)),
        );
      }
      assert.equal((await it.next()).done, true);
    }
    over = true;
    await killer;
    await finish(pool);
    assert.deepEqual(
      [...ranTimes(journal.path)].filter(([, count]) => count > 1),
      [],
    );
  });

  test('all workers killed at once: the tasks they ran are lost, the others are done by new ones', async () => {
    const pool = new Pool(3);
    await pool.map(tasks.pidOf, range(10), { chunkSize: 1 });
    for (let round = 0; round < 5; round++) {
      const calls = range(300).map(i => pool.apply(tasks.sqr, [i]));
      const long = range(3).map(() => pool.apply(tasks.sleepFor, [30]));
      await sleep(5);
      for (const pid of workers()) kill(pid);
      const outcomes = await inTime(Promise.allSettled([...calls, ...long]));
      const lost = outcomes.filter(outcome => outcome.status === 'rejected');
      assert.ok(lost.length <= 3, `${lost.length} lost by 3 kills`);
      for (const { reason } of lost) assert.equal((reason as Error).name, 'WorkerLostError');
    }
    await finish(pool);
  });

  test('terminate at any moment, also in the middle of a kill, and nothing is left', async () => {
    const rnd = seeded(SEED + 2);
    for (let round = 0; round < 10; round++) {
      const pool = new Pool(2);
      const calls = Promise.allSettled(range(500).map(i => pool.apply(tasks.sqr, [i])));
      await sleep(rnd() * 150);
      const [victim] = workers();
      if (victim !== undefined && rnd() < 0.5) kill(victim);
      if (rnd() < 0.5) await sleep(rnd() * 3);
      pool.terminate();
      await inTime(pool.join());
      for (const outcome of await inTime(calls)) {
        if (outcome.status === 'rejected') {
          assert.match((outcome.reason as Error).name, /PoolTerminatedError|WorkerLostError/);
        }
      }
      assert.deepEqual(workers(), []);
    }
  });
});
