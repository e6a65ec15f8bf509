import type { Socket } from 'node:net';
import { EOFError, OSError } from '../../errors.js';
import type { ReceiveBytesOptions } from '../connection.js';
import type { Taken } from '../inbox.js';
import type { Receiving, UseOwn } from '../transport.js';
import type { Readiness } from '../waitable.js';
import { FrameReader } from './frames.js';
import type { Hold } from './hold.js';
import { Lookers } from './lookers.js';
import { refuseSync } from './refuseSync.js';
import { systemError } from './systemErrors.js';
import { Turns } from './turns.js';

/** So much is read before anybody asks for it; a longer message is read on only while somebody waits for it. */
const HIGH_WATER = 64 * 1024;

/** The receiving side of a socket. The socket is read no further than somebody wants: the sender feels it. */
export class SocketInbox implements Receiving {
  readonly #socket: Socket;
  readonly #frames: FrameReader;
  readonly #turns: Turns;
  readonly #lookers: Lookers;
  /** Nothing will come any more; what is here can still be taken. */
  #isEnded = false;
  #failure: OSError | undefined;
  #isClosed = false;
  /** A message was refused by its length: what follows cannot be told from its bytes. */
  #isCut = false;
  #isFlowing = false;
  /** Settles when every message that still loads modules has arrived: the ones behind it are not given out earlier. */
  #loading: Promise<unknown> | undefined;

  constructor(socket: Socket, limit: number, hold: Hold) {
    this.#socket = socket;
    this.#frames = new FrameReader(limit);
    this.#lookers = new Lookers(hold);
    this.#turns = new Turns(isWaiting => {
      if (isWaiting) hold.acquire();
      else hold.release();
      this.#flow();
    });
    socket.on('data', (chunk: Buffer) => {
      if (this.#isClosed) return;
      this.#frames.push(chunk);
      this.#news();
    });
    socket.on('error', error => (this.#failure ??= systemError(error)));
    socket.on('end', () => this.#end());
    socket.on('close', () => this.#end());
    this.#flow();
  }

  /** Longer messages are refused by their header. A higher limit is also for what has come in already. */
  set limit(bytes: number) {
    this.#frames.limit = bytes;
    this.#news();
  }

  take<T>(use: UseOwn<T>, late: () => Error, options: ReceiveBytesOptions, holder: object): Promise<T> {
    return this.#turns.take(() => this.#attempt(use, options.maxLength), late, options, holder);
  }

  takeSync(): never {
    refuseSync();
  }

  readonly readiness: Readiness = {
    what: 'a Connection over a socket',
    needsLoop: true,
    isReady: () => this.#isReady(),
    watch: (changed, failed) => this.#lookers.watch(changed, failed),
  };

  /** Ends every wait with this error; what comes from now on is thrown away. */
  close(makeError: () => Error): void {
    this.#isClosed = true;
    this.#turns.fail(makeError);
    this.#lookers.fail(makeError);
    // A peer that is stuck in a send would not read what is still on its way to it.
    this.#socket.resume();
  }

  #attempt<T>(use: UseOwn<T>, maxLength: number | undefined): { value: T | Promise<T> } | undefined {
    if (this.#isCut) throw tooLong();
    const { announced } = this.#frames;
    if (announced !== undefined && maxLength !== undefined && announced > maxLength) {
      this.#isCut = true;
      this.#flow();
      use(NOTHING, 0, announced);
      throw tooLong();
    }
    if (announced === undefined || this.#frames.size < announced) {
      if (this.#isEnded) throw this.#endError();
      this.#flow();
      return undefined;
    }
    const bytes = this.#frames.take();
    const isOwn = this.#frames.tookOwn;
    this.#flow();
    return { value: this.#arrive(use(bytes, 0, bytes.length, undefined, isOwn)) };
  }

  /** A long message is ready once as much of it is here as is read before somebody wants it. */
  #isReady(): boolean {
    if (this.#isEnded || this.#isCut) return true;
    try {
      const { announced } = this.#frames;
      return announced !== undefined && this.#frames.size >= Math.min(announced, HIGH_WATER);
    } catch {
      return true; // a receive would fail at once
    }
  }

  #end(): void {
    this.#isEnded = true;
    this.#news();
  }

  #news(): void {
    this.#turns.serve();
    this.#lookers.tell();
    this.#flow();
  }

  #endError(): Error {
    if (this.#failure !== undefined && this.#failure.code !== 'EPIPE') return this.#failure;
    if (this.#frames.isWithin) return new OSError('EIO', 'got end of file during message');
    return new EOFError('the other end of the connection is closed and all it sent has been read');
  }

  #flow(): void {
    const wants = this.#wantsMore();
    if (wants === this.#isFlowing || this.#isClosed) return;
    this.#isFlowing = wants;
    if (wants) this.#socket.resume();
    else this.#socket.pause();
  }

  #wantsMore(): boolean {
    if (this.#isCut) return false;
    try {
      // Looks at the header first: what counts is the size without it, as when somebody asks whether it is ready.
      const { isComplete } = this.#frames;
      return this.#frames.size < HIGH_WATER || (this.#turns.isWaiting && !isComplete);
    } catch {
      return false;
    }
  }

  #arrive<T>(taken: Taken<T>): T | Promise<T> {
    const before = this.#loading;
    if (before === undefined && 'value' in taken) return taken.value;
    const arrived = 'loading' in taken ? taken.loading : Promise.resolve(taken.value);
    const inOrder = before === undefined ? arrived : before.then(() => arrived);
    const settled = inOrder.then(ignore, ignore).then(() => {
      if (this.#loading === settled) this.#loading = undefined;
    });
    this.#loading = settled;
    return inOrder;
  }
}

const NOTHING = Buffer.alloc(0);
const ignore = (): void => undefined;
const tooLong = (): OSError => new OSError('EMSGSIZE', 'bad message length');
