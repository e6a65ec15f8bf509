import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { Pool } from 'manycore';

/** No wait of these tests may take longer; far above what a loaded machine needs. */
export const DEADLINE = 60_000;

export const range = (n: number): number[] => Array.from({ length: n }, (_, i) => i);

/** The promise, or a failure when it takes longer than any test may. */
export async function inTime<T>(promise: Promise<T>, what = 'it'): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`not in time: ${what}`)), DEADLINE);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** Ends a pool as a program does that wants its results. */
export async function finish(pool: Pool): Promise<void> {
  pool.close();
  await inTime(pool.join(), 'close and join');
}

/** A file that one test has for itself. */
export function scratchFile(content = ''): { path: string; lines: () => string[]; [Symbol.dispose]: () => void } {
  const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'manycore-pool-'));
  const file = path.join(dir, 'file');
  fs.writeFileSync(file, content);
  return {
    path: file,
    lines: () => fs.readFileSync(file, 'utf8').split('\n').filter(Boolean),
    [Symbol.dispose]: () => fs.rmSync(dir, { recursive: true, force: true }),
  };
}

/** What a promise rejects with; fails if it does not. */
export async function failure<E extends Error = Error>(promise: Promise<unknown>): Promise<E> {
  try {
    await inTime(promise);
  } catch (error) {
    return error as E;
  }
  return assert.fail('it did not reject');
}
