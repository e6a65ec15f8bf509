import { build, type Plugin } from 'esbuild';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import vm from 'node:vm';
import type { LockWord } from '../../runtime/src/sync/lockWord.js';
import type { Mutex } from '../../runtime/src/sync/mutex.js';
import type { WaitPoint } from '../../runtime/src/sync/waitPoint.js';
import { TIMED_OUT, type Operation } from './world.js';

const root = fileURLToPath(new URL('../../../', import.meta.url));

/** The real classes, running on the simulated machine. */
export interface Code {
  readonly LockWord: typeof LockWord;
  readonly Mutex: typeof Mutex;
  readonly WaitPoint: typeof WaitPoint;
}

/** A change to a source file, to show that the model finds what it breaks. */
export interface Bug {
  readonly file: string;
  readonly from: string;
  readonly to: string;
}

/** The code of one simulated process. All its operations go through `operate`. */
export interface Instance {
  readonly code: Code;
  operate: (operation: Operation) => number;
  /** Sleeps until the own bell rings, then does what the event loop would. */
  readonly ownBell: () => void;
  /** Whether its modules remember something, so that the next run of the process needs a new one. */
  readonly isUsed: boolean;
}

export type Instantiate = (slot: number) => Instance;

/** Where the process table of the model lies, and the block the objects are made in. */
export const SLOTS_AT = 0;
export const WORDS_A_SLOT = 2;
export const BLOCK_AT = 16;

/**
 * Bundles the sources of `runtime/src/sync` as they are, but for three things: what they import of the layers below
 * and of Node is the simulated machine, `Atomics` is too, and they do not spin.
 */
export async function compile(bug?: Bug): Promise<Instantiate> {
  const result = await build({
    stdin: {
      contents: `export { LockWord } from './lockWord.js'; export { Mutex } from './mutex.js';
                 export { WaitPoint } from './waitPoint.js';`,
      resolveDir: path.join(root, 'runtime/src/sync'),
    },
    bundle: true,
    write: false,
    format: 'cjs',
    platform: 'node',
    target: 'node20',
    define: {
      Atomics: 'machine.atomics',
      performance: 'machine.clock',
      setTimeout: 'machine.setTimeout',
      'process.on': 'machine.ignore',
    },
    plugins: [simulated(bug)],
    logLevel: 'error',
  });
  const script = new vm.Script(`(function (machine, module, exports) {${result.outputFiles[0]?.text ?? ''}\n})`);
  const instantiate = script.runInThisContext() as (machine: object, module: object, exports: object) => void;
  return slot => {
    const bell: Bell = { heard: undefined, isUsed: false };
    const module = { exports: {} };
    const instance = {
      operate: (() => 0) as (operation: Operation) => number,
      ownBell: () => {
        const overdue = instance.operate({ kind: 'awaitBell' }) === TIMED_OUT;
        bell.heard?.(Uint8Array.of(overdue ? 2 : 1));
      },
      get isUsed() {
        return bell.isUsed;
      },
    };
    instantiate(
      machine(slot, operation => instance.operate(operation), bell),
      module,
      module.exports,
    );
    return Object.assign(instance, { code: module.exports as Code });
  };
}

interface Bell {
  heard: ((bytes: Uint8Array) => void) | undefined;
  isUsed: boolean;
}

function simulated(bug: Bug | undefined): Plugin {
  const parts = [
    ['memory', /memory\/index\.js$/],
    ['platform', /platform\/index\.js$/],
    ['lazyNode', /lazyNode\.js$/],
    ['fs', /^node:fs$/],
    ['path', /^node:path$/],
  ] as const;
  return {
    name: 'simulated',
    setup(setup) {
      for (const [name, filter] of parts) {
        setup.onResolve({ filter }, () => ({ path: name, namespace: 'machine' }));
      }
      setup.onLoad({ filter: /.*/, namespace: 'machine' }, ({ path: name }) => ({
        contents: `module.exports = machine.${name};`,
      }));
      setup.onLoad({ filter: /\.ts$/ }, async ({ path: file }) => {
        const { readFile } = await import('node:fs/promises');
        let contents = (await readFile(file, 'utf8')).replace(/^const SPINS = \d+;/m, 'const SPINS = 0;');
        if (bug !== undefined && file.endsWith(bug.file)) {
          if (!contents.includes(bug.from)) throw new Error(`${bug.file} has no '${bug.from}' any more`);
          contents = contents.replace(bug.from, bug.to);
        }
        return { contents, loader: 'ts' };
      });
    },
  };
}

function machine(slot: number, operate: (operation: Operation) => number, bell: Bell) {
  const atomics = Object.fromEntries(
    ['load', 'store', 'add', 'sub', 'and', 'or', 'exchange', 'compareExchange'].map(name => [
      name,
      (_words: unknown, ...args: number[]) => operate({ kind: 'word', name, args }),
    ]),
  );
  const ownerWord = (of: number): number => (of << 16) | 1;
  const program = {
    slot,
    me: ownerWord(slot),
    dir: '',
    table: { i32: {} },
    isDead: (owner: number) => operate({ kind: 'isDead', slot: owner >>> 16 }) === 1,
  };
  class Socket {
    constructor() {
      bell.isUsed = true;
    }
    on(_event: string, listener: (bytes: Uint8Array) => void): void {
      bell.heard = listener;
    }
    ref(): void {}
    unref(): void {}
  }
  return {
    atomics,
    ignore: () => undefined,
    clock: { now: () => 0 },
    // Timers never fire by themselves: a heartbeat is a rescue, which the explorer gives when nothing else moves.
    setTimeout: () => ({ unref: () => undefined }),
    memory: {
      program: () => program,
      OWNER_MASK: (1 << 26) - 1,
      ownerWord: (of: number) => ownerWord(of),
      slotWord: (of: number) => SLOTS_AT + of * WORDS_A_SLOT,
      selfSlot: { beginWait: () => undefined, endWait: () => undefined },
      layout: { SLOT_COUNT: 32, Slot: { armed_W: 0, generation_W: 1 } },
    },
    platform: {
      platform: () => ({
        waitOnWord: (address: number, expected: number) => operate({ kind: 'sleep', at: address / 4, expected }),
        wakeWord: (address: number, count: number) => operate({ kind: 'wake', at: address / 4, count }),
        createDoorbell: () => 0,
        openDoorbell: (path: string) => {
          bell.isUsed = true;
          return Number(/(\d+)$/.exec(path)?.[1]);
        },
      }),
    },
    path: { join: (...parts: string[]) => parts.join('/') },
    lazyNode: { net: () => ({ Socket }) },
    fs: {
      rmSync: () => undefined,
      closeSync: () => undefined,
      writeSync: (to: number) => {
        if (operate({ kind: 'ring', slot: to }) === 0) throw Object.assign(new Error('EPIPE'), { code: 'EPIPE' });
      },
    },
  };
}
