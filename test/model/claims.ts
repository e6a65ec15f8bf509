import assert from 'node:assert/strict';
import test from 'node:test';
import { compile, type Bug, type Code } from './code.js';
import { explore, type Findings, type Limits, type Program } from './explore.js';

export type { Limits, Machine, Phase, Program } from './explore.js';

export const NOBODY_DIES: Limits = { deaths: 0, rescues: 0 };
export const ONE_DIES: Limits = { deaths: 1, rescues: 6 };

/** Makes tests over these parts of the runtime. */
export function claims(...parts: readonly (keyof Code)[]) {
  const run = async (programs: readonly Program[], limits: Limits, bug?: Bug): Promise<Findings> =>
    explore(await compile(parts, bug), programs, limits);

  return {
    /** A test that nothing goes wrong, whatever the order of the steps. */
    holds(name: string, programs: readonly Program[], limits: Limits): void {
      test(name, { timeout: 300_000 }, async t => {
        const { states, violation } = await run(programs, limits);
        t.diagnostic(`${states} states explored`);
        assert.equal(violation?.what, undefined, violation?.trace.join('\n'));
      });
    },

    /** A test that the model finds what a change to the sources breaks. */
    finds(name: string, programs: readonly Program[], limits: Limits, what: RegExp, bug: Bug): void {
      test(`found: ${name}`, { timeout: 300_000 }, async t => {
        const { states, violation } = await run(programs, limits, bug);
        t.diagnostic(`found after ${states} states, in ${violation?.trace.length ?? 0} steps`);
        assert.match(violation?.what ?? 'nothing found', what);
      });
    },
  };
}

export const isLong = process.env['MODEL'] === 'long';

/** Longer when asked for: each further interruption makes ten times as many states. */
export const interrupted = (interruptions: number, limits: Limits): Limits => ({
  ...limits,
  interruptions: interruptions + (isLong ? 1 : 0),
});
