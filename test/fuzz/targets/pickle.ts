import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { internals } from '../../runtime/internals.js';
import { KEPT } from '../../runtime/pickle/cases.js';
import { forge, forgeReference } from '../../runtime/pickle/forge.js';
import { Random } from '../random.js';
import { difference } from '../same.js';
import { expectErrors, type Target } from '../target.js';
import { Values } from '../values.js';

const { pickle, errors } = internals;
const { decode, decodeAsync, decodeForeign, decodeForeignAsync, encodeForeign, encodeToBuffer, setReferencePolicy } =
  pickle;
const { UnpicklingError } = errors;

/** A module that writes a file when it runs, which no message of this fuzz may bring about. */
class Canary {
  readonly #dir = fs.mkdtempSync(path.join(os.tmpdir(), 'manycore-fuzz-'));
  readonly #ran = path.join(this.#dir, 'ran');
  readonly url: string;

  constructor() {
    const file = path.join(this.#dir, 'canary.mjs');
    const body = `import fs from 'node:fs'; fs.writeFileSync(${JSON.stringify(this.#ran)}, ''); export function f() {}`;
    fs.writeFileSync(
      file,
      `${body}\nf[Symbol.for('manycore.revive')] = () => fs.writeFileSync(${JSON.stringify(this.#ran)}, '');`,
    );
    this.url = pathToFileURL(file).href;
  }

  readonly check = (): void => {
    const [ran, called] = [fs.existsSync(this.#ran), Trap.calls > 0];
    // As before, so that whoever looks for the shortest such input sees whether the next one does it too.
    if (ran) fs.rmSync(this.#ran);
    Trap.calls = 0;
    assert.ok(!ran, 'a message ran code that it may not name');
    assert.ok(!called, 'a message called what does not offer itself');
  };

  readonly close = (): void => fs.rmSync(this.#dir, { recursive: true });

  /** Messages that try to have it imported or called. */
  messages(): Buffer[] {
    const urls = [
      this.url,
      this.url.replace('canary', '%63anary'),
      `${this.url}?1`,
      this.url.replace('file:///', 'file://localhost/'),
    ];
    const kinds = ['esm', 'cjs', 'exposed', 'global', 'library', 'node'];
    return [
      ...urls.map(url => forgeReference({ url, name: 'f' })),
      ...kinds.map(kind => forgeReference({ kind, url: this.url, name: 'f' })),
      forgeReference({ url: `data:text/javascript,globalThis.polluted=1;export function f(){}`, name: 'f' }),
      forgeReference({ kind: 'node', url: 'node:child_process', name: 'execSync' }),
      forgeReference({ kind: 'global', url: '', name: 'Function' }),
      forge([0x2c, 0, 0, 0x0d, 0, 0, 0, 0], [{ url: this.url, name: 'f' }]),
      forge([0x2c, 0, 0, 0x0d, 0, 0, 0, 0], [{ kind: 'node', url: 'node:child_process', name: 'execSync' }]),
    ];
  }
}

/** Its name is known to this process, and it does not say that it may be called. */
export class Trap {
  static calls = 0;
  constructor() {
    Trap.calls++;
  }
}

const valid = (encode: (value: unknown) => Buffer): Buffer[] => [
  ...KEPT.filter(({ name }) => !/1,000|long/.test(name)).map(({ make }) => encode(make())),
  encode({ a: [new Map([[{ k: 1 }, new Set([1])]]), new Error('x', { cause: { y: 1 } })], b: new Uint8Array(40) }),
  encode(Trap),
];

function inProgram(): Target {
  const canary = new Canary();
  return {
    name: 'pickle',
    corpus: [...valid(encodeToBuffer), ...canary.messages()],
    run: input => void expectErrors(() => decode(input), UnpicklingError),
    check: canary.check,
    close: canary.close,
  };
}

/** With modules being imported, and a policy that leaves the canary out. */
function inProgramAsync(): Target {
  const canary = new Canary();
  const fixtures = new URL('../../runtime/pickle/fixtures/', import.meta.url).href;
  setReferencePolicy(url => url === '' || url.startsWith('node:') || url.startsWith(fixtures));
  return {
    name: 'pickle-async',
    corpus: [...valid(encodeToBuffer), ...canary.messages()],
    run: input => rejectsOnlyWith(decodeAsync(input)),
    check: canary.check,
    close: canary.close,
  };
}

function foreign(): Target {
  const canary = new Canary();
  return {
    name: 'foreign',
    corpus: [...valid(encodeForeign), ...canary.messages()],
    run: input => void expectErrors(() => decodeForeign(input), UnpicklingError),
    check: canary.check,
    close: canary.close,
  };
}

function foreignAsync(): Target {
  const canary = new Canary();
  return {
    name: 'foreign-async',
    corpus: [...valid(encodeForeign), ...canary.messages()],
    run: input => rejectsOnlyWith(decodeForeignAsync(input)),
    check: canary.check,
    close: canary.close,
  };
}

async function rejectsOnlyWith(promise: Promise<unknown>): Promise<void> {
  try {
    await promise;
  } catch (error) {
    if (!(error instanceof UnpicklingError)) throw error;
  }
}

/** Random values arrive as they were sent, and as `structuredClone` gives them where it knows them. */
function roundTrip(): Target {
  return {
    name: 'round-trip',
    corpus: [],
    run(input) {
      let seed = 7;
      for (const byte of input) seed = Math.imul(seed ^ byte, 0x01000193);
      const cloneable = (seed & 1) === 0;
      const value = new Values(new Random(seed), cloneable).any();
      const how = (seed & 2) === 0 ? [encodeToBuffer, decode] as const : [encodeForeign, decodeForeign] as const; // prettier-ignore
      const got = how[1](how[0](value));
      assert.equal(difference(got, value), undefined);
      if (cloneable) assert.equal(difference(got, structuredClone(value)), undefined);
    },
  };
}

export const pickleTargets = {
  pickle: inProgram,
  'pickle-async': inProgramAsync,
  foreign,
  'foreign-async': foreignAsync,
  'round-trip': roundTrip,
};
