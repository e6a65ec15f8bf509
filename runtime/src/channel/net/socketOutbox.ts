import type { Socket } from 'node:net';
import { breathe } from '../../sync/breathing.js';
import type { Outgoing, Sending } from '../transport.js';
import { frameOf } from './frames.js';
import type { Hold } from './hold.js';
import { refuseSync } from './refuseSync.js';
import { systemError } from './systemErrors.js';

/** The system takes no more than 2 GiB at once. */
const LARGEST_WRITE = 2 ** 30;

/** The sending side of a socket: a put lasts until the system has taken the message. */
export class SocketOutbox implements Sending {
  readonly #socket: Socket;
  readonly #hold: Hold;
  #pending = 0;
  #whenIdle: (() => void)[] = [];

  constructor(socket: Socket, hold: Hold) {
    this.#socket = socket;
    this.#hold = hold;
  }

  get isIdle(): boolean {
    return this.#pending === 0;
  }

  put(message: Outgoing): Promise<void> {
    return new Promise((resolve, reject) => {
      const frame = frameOf(message);
      this.#pending++;
      this.#hold.acquire();
      this.#write(frame, error => {
        this.#hold.release();
        if (--this.#pending === 0) for (const idle of this.#whenIdle.splice(0)) idle();
        // Node counts a socket that it has given up as a failed write.
        if (error === undefined || error === null) resolve(breathe(undefined));
        else reject(systemError(error));
      });
    });
  }

  putSync(): never {
    refuseSync();
  }

  emptied(): Promise<void> {
    return this.isIdle ? Promise.resolve() : new Promise(resolve => this.#whenIdle.push(resolve));
  }

  #write(frame: readonly Buffer[], done: (error?: Error | null) => void): void {
    const last = frame.length - 1;
    if (last > 0) this.#socket.cork();
    for (const [index, part] of frame.entries()) {
      for (let start = 0; start < part.length; start += LARGEST_WRITE) {
        const end = start + LARGEST_WRITE;
        const isLast = index === last && end >= part.length;
        this.#socket.write(part.subarray(start, end), isLast ? done : undefined);
      }
    }
    if (last > 0) this.#socket.uncork();
  }
}
