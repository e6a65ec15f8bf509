import type { internals } from '../internals.js';

export type Koffi = Parameters<typeof internals.createDarwinPlatform>[0];
type Function_ = (...args: never[]) => number | bigint | undefined;

/**
 * A foreign-function library whose system is a table of functions. What is called is written down; what is not in the
 * table is missing in that system, too.
 */
export class FakeKoffi {
  readonly calls: [name: string, ...args: unknown[]][] = [];
  /** What the memory at an address is; made when it is first looked at. */
  readonly memory = new Map<number, ArrayBuffer>();
  lastErrno = 0;
  readonly #functions: Record<string, Function_>;

  constructor(functions: Record<string, Function_>) {
    this.#functions = functions;
  }

  get koffi(): Koffi {
    const load = (): unknown => ({
      func: (prototype: string) => {
        const name = /(\w+)\(/.exec(prototype)?.[1] ?? '';
        const act = this.#functions[name];
        if (act === undefined) throw new Error(`Cannot find function '${name}' in shared library`);
        return (...args: unknown[]) => {
          this.calls.push([name, ...args]);
          return (act as (...args: unknown[]) => unknown)(...args) ?? 0;
        };
      },
    });
    const view = (address: bigint, byteLength: number): ArrayBuffer => this.at(Number(address), byteLength);
    return { load, view, errno: () => this.lastErrno } as unknown as Koffi;
  }

  at(address: number, byteLength = 4096): ArrayBuffer {
    const known = this.memory.get(address);
    if (known !== undefined) return known;
    const made = new ArrayBuffer(byteLength);
    this.memory.set(address, made);
    return made;
  }

  /** The arguments of every call of one function, in order. */
  callsOf(name: string): unknown[][] {
    return this.calls.filter(([called]) => called === name).map(([, ...args]) => args);
  }

  fail(errno: number): -1 {
    this.lastErrno = errno;
    return -1;
  }
}
