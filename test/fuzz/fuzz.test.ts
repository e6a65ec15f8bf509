import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { fuzzApart } from './run.js';
import { targets } from './targets/index.js';

/** So long for each target; `npm run fuzz` takes longer. */
const SECONDS = Number(process.env['MANYCORE_FUZZ_SECONDS'] ?? 0.7);
const seed = Number(process.env['MANYCORE_FUZZ_SEED'] ?? Math.floor(Math.random() * 2 ** 31));

describe(`an error or a value, whatever the bytes (seed ${seed})`, () => {
  for (const name of Object.keys(targets)) {
    test(name, async () => {
      const { failure, inputs } = await fuzzApart(name, { seed, seconds: SECONDS, inputs: Infinity });
      assert.equal(failure, undefined, `seed ${seed}, input ${failure?.index}: ${failure?.error}\nagain: npm run fuzz -- ${name} --hex '${failure?.hex}'`); // prettier-ignore
      assert.ok(inputs > 20, `only ${inputs} inputs in ${SECONDS} s`);
    });
  }
});
