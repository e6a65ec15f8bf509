import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { setTimeout as sleep } from 'node:timers/promises';
import { Pool } from 'manycore';
import { isRunning, lineOf, privateRoot, run } from '../../runtime/process/support.js';
import { plain } from '../fixtures/poolTasks.js';
import { seeded } from '../../fuzz/random.js';
import {} from './account.js';
import { send, victimOf, type PoolStormOptions, type PoolStormResult } from './storm.js';

/** So many calls queued at once, as often as there is time, while workers are killed. */
export async function floodStorm(options: PoolStormOptions, calls: number): Promise<PoolStormResult> {
  const rnd = seeded(options.seed);
  const failures: string[] = [];
  let [kills, done, lost, floods, longestPause] = [0, 0, 0, 0, 0];
  while (failures.length === 0 && (floods === 0 || (kills < options.kills && performance.now() < options.until))) {
    const pool = new Pool(3);
    floods++;
    const [doneBefore, lostBefore, killsBefore] = [done, lost, kills];
    let answered = 0;
    for (let n = 0; n < calls; n++) {
      pool.apply(plain, [n]).then(
        value => {
          answered++;
          if (value === n) done++;
          else failures.push(`call ${n} got ${value}`);
        },
        (error: Error) => {
          answered++;
          lost++;
          if (error.name !== 'WorkerLostError' && failures.length < 20) failures.push(`call ${n}: ${String(error)}`);
        },
      );
    }
    for (let before = -1, since = performance.now(); answered < calls && failures.length === 0;) {
      await sleep(rnd() * 40);
      if (answered !== before) since = performance.now();
      before = answered;
      longestPause = Math.max(longestPause, performance.now() - since);
      if (performance.now() - since > options.patience) failures.push(`stands still at ${answered} of ${calls}`);
      const victim = victimOf(rnd);
      if (victim === undefined || answered === calls) continue;
      send(victim, 'SIGKILL');
      kills++;
    }
    if (failures.length > 0) pool.terminate();
    pool.close();
    await pool.join();
    if (lost - lostBefore > kills - killsBefore) failures.push(`${lost} calls lost by ${kills} kills`);
    if (failures.length === 0 && done - doneBefore + lost - lostBefore !== calls) failures.push('a call is missing');
  }
  const figures = `${floods} floods of ${calls} calls: ${done} done, ${lost} lost, ${kills} killed`;
  return { kills, longestPause, failures, figures };
}

const PROGRAM = path.join(path.dirname(fileURLToPath(import.meta.url)), '../fixtures/poolProgram.js');

/** Programs with a pool are killed: their workers end, and the next program removes what they leave. */
export async function parentStorm(options: PoolStormOptions): Promise<PoolStormResult> {
  const rnd = seeded(options.seed);
  const failures: string[] = [];
  let [kills, workers, longestPause] = [0, 0, 0];
  using root = privateRoot();
  const env = { ...process.env, ...root.env };
  while (kills < options.kills && failures.length === 0 && (kills === 0 || performance.now() < options.until)) {
    const kind = rnd() < 0.5 ? 'free' : 'daemon';
    const main = spawn(process.execPath, [PROGRAM, kind], { env, stdio: ['ignore', 'pipe', 'inherit'] });
    const ended = once(main, 'exit');
    const pids = (await lineOf(main.stdout)).split(' ').slice(1).map(Number);
    await sleep(rnd() * 50);
    main.kill('SIGKILL');
    kills++;
    await ended;
    const since = performance.now();
    while (pids.some(isRunning) && performance.now() - since < options.patience) await sleep(2);
    longestPause = Math.max(longestPause, performance.now() - since);
    workers += pids.length;
    if (pids.some(isRunning)) failures.push(`a ${kind} worker outlives its program by ${options.patience} ms`);
  }
  await run([PROGRAM, 'short'], { env: root.env });
  const left = root.left();
  if (left.length > 0) failures.push(`left behind: ${left.join(', ')}`);
  const figures = `${kills} programs killed, their ${workers} workers ended, nothing left`;
  return { kills, longestPause, failures, figures };
}
