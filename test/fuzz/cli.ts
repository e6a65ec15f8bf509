/**
 * `npm run fuzz -- [seconds a target] [target …] [--seed n] [--inputs n] [--hex <input>]`: fuzzes every decoder, or those
 * named. Ends with 1 when one has failed, after a line that brings the failure back.
 */
import { fuzzApart, runOne } from './run.js';
import { targets } from './targets/index.js';

const words = process.argv.slice(2);
function option(name: string): string | undefined {
  const at = words.indexOf(`--${name}`);
  return at < 0 ? undefined : words.splice(at, 2)[1];
}
const seed = Number(option('seed') ?? Math.floor(Math.random() * 2 ** 31));
const inputs = Number(option('inputs') ?? Infinity);
const hex = option('hex');
const given = words.find(word => /^[\d.]+$/.test(word));
const seconds = given !== undefined ? Number(given) : inputs === Infinity ? 10 : Infinity;
const named = words.filter(word => word !== given);
const unknown = named.filter(name => !(name in targets));
if (unknown.length > 0)
  throw new Error(`no target ${unknown.join(', ')}; there are ${Object.keys(targets).join(', ')}`);

let failed = 0;
if (hex === undefined) console.log(`seed ${seed}`);
for (const name of named.length > 0 ? named : Object.keys(targets)) {
  const outcome =
    hex === undefined
      ? await fuzzApart(name, { seed, seconds, inputs })
      : await runOne(name, Buffer.from(hex, 'hex')).then(
          ({ outcome: known, how }) => known ?? { inputs: 1, seconds: 0, failure: { index: 0, hex, error: how } },
        );
  const { failure } = outcome;
  const rate = Math.round(outcome.inputs / Math.max(outcome.seconds, 0.001));
  console.log(`${name.padEnd(14)} ${String(outcome.inputs).padStart(9)} inputs in ${outcome.seconds.toFixed(1)} s (${rate}/s)${failure === undefined ? '' : '  FAILED'}`); // prettier-ignore
  if (failure === undefined) continue;
  failed++;
  console.log(`  seed ${seed}, input ${failure.index}: ${failure.error.replaceAll('\n', '\n  ')}`);
  console.log(`  again: npm run fuzz -- ${name} --hex '${failure.hex}'`);
}
process.exitCode = failed === 0 ? 0 : 1;
