import { build, type Plugin } from 'esbuild';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import vm from 'node:vm';
import type * as ringLayout from '../../runtime/src/channel/ringLayout.js';
import type { Ring } from '../../runtime/src/channel/ring.js';
import type { Barrier, Event, Semaphore } from '../../runtime/src/sync/index.js';
import type { BarrierPhase } from '../../runtime/src/sync/barrierPhase.js';
import type { LockWord } from '../../runtime/src/sync/lockWord.js';
import type { Mutex } from '../../runtime/src/sync/mutex.js';
import type { WaiterList } from '../../runtime/src/sync/waiterList.js';
import type { WaitPoint } from '../../runtime/src/sync/waitPoint.js';
import { sharedViews } from './memory.js';
import { TIMED_OUT, type Operation } from './world.js';

const root = fileURLToPath(new URL('../../../', import.meta.url));

/** The real classes, running on the simulated machine. */
export interface Code {
  readonly Barrier: typeof Barrier;
  readonly BarrierPhase: typeof BarrierPhase;
  readonly Event: typeof Event;
  readonly LockWord: typeof LockWord;
  readonly Mutex: typeof Mutex;
  readonly Ring: typeof Ring;
  readonly ringLayout: typeof ringLayout;
  readonly Semaphore: typeof Semaphore;
  readonly WaiterList: typeof WaiterList;
  readonly WaitPoint: typeof WaitPoint;
}

const FILES: Readonly<Record<keyof Code, string>> = {
  Barrier: 'sync/barrier',
  BarrierPhase: 'sync/barrierPhase',
  Event: 'sync/event',
  LockWord: 'sync/lockWord',
  Mutex: 'sync/mutex',
  Ring: 'channel/ring',
  ringLayout: 'channel/ringLayout',
  Semaphore: 'sync/semaphore',
  WaiterList: 'sync/waiterList',
  WaitPoint: 'sync/waitPoint',
};

/** Only what a test needs: with a bell, every replay makes a new instance of all of it. */
const entry = (parts: readonly (keyof Code)[]): string =>
  parts
    .map(part => `export ${part === 'ringLayout' ? `* as ${part}` : `{ ${part} }`} from './${FILES[part]}.js';`)
    .join('\n');

/** A change to a source file, to show that the model finds what it breaks. */
export interface Bug {
  readonly file: string;
  /** What is there, and what takes its place; one after the other. */
  readonly edits: readonly (readonly [from: string, to: string])[];
}

/** The code of one simulated process. All its operations go through `operate`. */
export interface Instance {
  readonly code: Code;
  operate: (operation: Operation) => number;
  /** Sleeps until the own bell rings, then does what the event loop would. */
  readonly ownBell: () => void;
  /** The simulated words as the block of a segment. */
  readonly block: object;
  /** Counts the waits in the event loop or of threads that are not over. */
  readonly waits: { pending: number };
  /** Whether its modules remember something, so that the next run of the process needs a new one. */
  readonly isUsed: boolean;
}

export type Instantiate = (slot: number) => Instance;

/** Where the process table of the model lies, and the block the objects are made in. */
export const SLOTS_AT = 0;
export const WORDS_A_SLOT = 2;
export const BLOCK_AT = 16;
/** What every shared object's block begins with. */
export const HEADER_WORDS = 4;

/** Nobody spins, and lists and buffers are as small as can be. */
const SMALLER = { SPINS: 0, CELLS_A_CHUNK: 3, LARGE_BYTES: 1024 };

/**
 * Bundles the sources of `runtime/src` as they are, but for three things: what they import of the layers below and of
 * Node is the simulated machine, `Atomics` is too, and some constants are smaller.
 */
export async function compile(parts: readonly (keyof Code)[], bug?: Bug): Promise<Instantiate> {
  const result = await build({
    stdin: {
      contents: entry(parts),
      resolveDir: path.join(root, 'runtime/src'),
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
  const script = new vm.Script(
    `(function (machine, module, exports, require) {${result.outputFiles[0]?.text ?? ''}\n})`,
  );
  const instantiate = script.runInThisContext() as (...given: object[]) => void;
  return slot => {
    const bell: Bell = { heard: undefined, isUsed: false };
    const module = { exports: {} };
    const waits = { pending: 0 };
    const views = sharedViews(operation => instance.operate(operation));
    const block = {
      segment: { ...views, f64: {}, address: 0 },
      segmentId: 1,
      id: 1,
      offset: BLOCK_AT * 4,
      word: BLOCK_AT,
    };
    const instance = {
      operate: (() => 0) as (operation: Operation) => number,
      block,
      waits,
      ownBell: () => {
        const overdue = instance.operate({ kind: 'awaitBell' }) === TIMED_OUT;
        bell.heard?.(Buffer.of(overdue ? 2 : 1));
      },
      get isUsed() {
        return bell.isUsed;
      },
    };
    instantiate(
      machine(slot, operation => instance.operate(operation), bell, block, waits),
      module,
      module.exports,
      createRequire(import.meta.url),
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
        let contents = await readFile(file, 'utf8');
        for (const [name, small] of Object.entries(SMALLER)) {
          contents = contents.replace(new RegExp(`^((?:export )?const ${name}) = [\\d *]+;`, 'm'), `$1 = ${small};`);
        }
        for (const [from, to] of bug !== undefined && file.endsWith(bug.file) ? bug.edits : []) {
          if (!contents.includes(from)) throw new Error(`${file} has no '${from}' any more`);
          contents = contents.replace(from, () => to);
        }
        return { contents, loader: 'ts' };
      });
    },
  };
}

function machine(
  slot: number,
  operate: (operation: Operation) => number,
  bell: Bell,
  block: object,
  waits: { pending: number },
) {
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
      selfSlot: { beginWait: () => void waits.pending++, endWait: () => void waits.pending-- },
      blockAt: () => block,
      HEADER_WORDS,
      registerKind: () => undefined,
      layout: { SLOT_COUNT: 32, Slot: { armed_W: 0, generation_W: 1 } },
    },
    platform: {
      platform: () => ({
        waitOnWord: (address: number, expected: number) => operate({ kind: 'sleep', at: address / 4, expected }),
        wakeWord: (address: number, count: number) => operate({ kind: 'wake', at: address / 4, count }),
        listen: (_path: string, heard: (bytes: Uint8Array) => void) => {
          bell.isUsed = true;
          bell.heard = heard;
          return { ref: () => undefined, unref: () => undefined };
        },
        openRinger: (path: string) => {
          bell.isUsed = true;
          const to = Number(/(\d+)$/.exec(path)?.[1]);
          const ring = (): void => {
            if (operate({ kind: 'ring', slot: to }) === 0) throw new Error('nobody listens');
          };
          return { ring, close: () => undefined };
        },
      }),
    },
    path: { join: (...parts: string[]) => parts.join('/') },
  };
}
