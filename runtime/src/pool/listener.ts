import type { Ring } from '../channel/ring.js';

/** After a failure it listens again this soon, in milliseconds. */
const AGAIN_MS = 20;
const SILENT = { kind: 'none', object: 0 } as const;

export interface Hearing {
  /** Takes in what workers have said. */
  readonly hear: () => void;
  /** Hearing has thrown, which it never should. It goes on after this. */
  readonly failed: (cause: unknown) => void;
}

/** The owner's wait for what its workers say: one for the whole life of a pool. It keeps no program running. */
export class Listener {
  readonly #results: Ring;
  readonly #hearing: Hearing;
  #isStopped = false;
  /** Resolves when nobody listens any more. */
  readonly ended: Promise<void>;

  constructor(results: Ring, hearing: Hearing) {
    this.#results = results;
    this.#hearing = hearing;
    this.ended = this.#listen();
  }

  get isStopped(): boolean {
    return this.#isStopped;
  }

  stop(): void {
    this.#isStopped = true;
    this.#results.readable.wake(1);
  }

  async #listen(): Promise<void> {
    const attempt = (): true | undefined => {
      if (this.#isStopped) return true;
      this.#hearing.hear();
      return undefined;
    };
    for (;;) {
      try {
        return void (await this.#results.readable.wait({ subject: SILENT, attempt, keepsAlive: false }));
      } catch (cause) {
        this.#hearing.failed(cause);
        await new Promise(resolve => setTimeout(resolve, AGAIN_MS).unref());
      }
    }
  }
}
