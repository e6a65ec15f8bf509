import fs from 'node:fs';
import type { AddressInfo, Server, Socket } from 'node:net';
import { inspect } from 'node:util';
import { AuthenticationError, OSError, TimeoutError } from '../../errors.js';
import { net } from '../../lazyNode.js';
import { checkNames } from '../../optionNames.js';
import type { AllowModules } from '../../pickle/index.js';
import type { WaitOptions } from '../../sync/waitOptions.js';
import type { Connection } from '../connection.js';
import { WAITABLE, type Readiness, type Waitable } from '../waitable.js';
import { addressType, arbitraryAddress, checkFamily, defaultFamily, endpointOf } from './addresses.js';
import type { Address, Family } from './addresses.js';
import { Arrivals } from './arrivals.js';
import type { ChallengeOptions } from './handshake.js';
import { Hold } from './hold.js';
import { keyOf } from './processKey.js';
import { systemError } from './systemErrors.js';
import { foreignValues } from './values.js';

/** What listener and client have in common. */
export interface ConnectOptions extends ChallengeOptions {
  /** By default that of the address. */
  readonly family?: Family | undefined;
  /**
   * The key that both sides have to know; `true` for that of this process, `currentProcess().authKey`. Without one
   * anybody who reaches the address is let in. No bytes at all (`new Uint8Array()`) are a key too.
   */
  readonly authKey?: Uint8Array | boolean | null | undefined;
  /** The longest message taken, in bytes; a longer one is refused by its header. By default as long as a Buffer can be. */
  readonly maxMessageBytes?: number | undefined;
  /** Modules that values from the other side may name, besides what this process has loaded and its own package. */
  readonly allowModules?: AllowModules | undefined;
}

export interface ListenerOptions extends ConnectOptions {
  /** By default a free one of the family: a Unix socket in a folder of its own, on Windows a pipe, port 0 of 127.0.0.1. */
  readonly address?: Address | undefined;
  /** How many connections the system keeps that this process has had no time for; 128 by default. */
  readonly backlog?: number | undefined;
  /** Milliseconds that a stranger has to prove that he knows the key; 10,000 by default. */
  readonly handshakeTimeout?: number | undefined;
}

/** A peer's own address: of TCP `[host, port]`, else empty. */
export type PeerAddress = readonly [host: string, port: number] | '';

/** Made by `Listener(…)`. */
export class ListeningSocket implements Waitable, AsyncDisposable {
  /** Where it listens, the port filled in: what `Client` takes. */
  readonly address: string | readonly [host: string, port: number];
  readonly #server: Server;
  readonly #arrivals: Arrivals;
  readonly #remove: () => void;
  #lastAccepted: PeerAddress | null = null;
  #isClosed = false;

  /** @internal */
  constructor(server: Server, address: Address, arrivals: Arrivals, remove: () => void) {
    this.#server = server;
    this.#arrivals = arrivals;
    this.#remove = remove;
    const bound = server.address() as AddressInfo | string | null;
    this.address = typeof address === 'string' ? address : addressOf(bound as AddressInfo);
    open.add(remove);
  }

  /** The address of the peer that was accepted last; null before there was one. */
  get lastAccepted(): PeerAddress | null {
    return this.#lastAccepted;
  }

  get closed(): boolean {
    return this.#isClosed;
  }

  /**
   * The next connection (Python: `Listener.accept`). Rejects with AuthenticationError when its peer has not proved that it
   * knows the key, with TimeoutError after `timeout` milliseconds, with OSError (`EBADF`) once closed. Whoever fails
   * to log in takes no time from others, and one `accept` each: accept again.
   */
  async accept<T = unknown>(options: Omit<WaitOptions, 'block'> = {}): Promise<Connection<T>> {
    if (this.#isClosed) throw closedError();
    const late = (): Error => new TimeoutError('nobody connected in time');
    const { connection, peer } = await this.#arrivals.take(late, options, this);
    this.#lastAccepted = peer;
    return connection as Connection<T>;
  }

  /** Every connection until the listener is closed; those who fail to log in are left out. */
  async *[Symbol.asyncIterator](): AsyncGenerator<Connection, void> {
    while (!this.#isClosed) {
      try {
        yield await this.accept();
      } catch (error) {
        if (!this.#isClosed && !(error instanceof AuthenticationError)) throw error;
      }
    }
  }

  /** Stops listening, and drops whoever has not been accepted; as often as you like. Accepted connections stay. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#server.close();
    this.#arrivals.close(closedError);
    open.delete(this.#remove);
    this.#remove();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.close();
    return Promise.resolve();
  }

  /** For `wait`. */
  [WAITABLE](): Readiness {
    if (this.#isClosed) throw closedError();
    return this.#arrivals.readiness;
  }

  toString(): string {
    const address = typeof this.address === 'string' ? inspect(this.address) : this.address.join(':');
    return `<Listener ${address}${this.#isClosed ? ' closed' : ''}>`;
  }

  [inspect.custom](): string {
    return this.toString();
  }
}

/** Those of both sides; Python's `authkey` must not be passed over in silence, and everybody let in. */
export const CONNECT_OPTIONS = ['family', 'authKey', 'maxMessageBytes', 'allowModules', 'legacyMd5'] as const;
const OPTIONS = ['address', ...CONNECT_OPTIONS, 'backlog', 'handshakeTimeout'] as const;

/** Starts listening. */
export async function listen(options: ListenerOptions = {}): Promise<ListeningSocket> {
  checkNames(options, OPTIONS, 'Listener');
  const { backlog = 128, maxMessageBytes = Infinity, legacyMd5, handshakeTimeout = 10_000 } = options;
  const family = options.family ?? (options.address === undefined ? defaultFamily : addressType(options.address));
  checkFamily(family);
  const key = keyOf(options.authKey);
  const values = foreignValues(options.allowModules);
  const made = options.address === undefined ? arbitraryAddress(family) : undefined;
  const address = options.address ?? (made?.address as Address); // one of the two
  const endpoint = endpointOf(address, family);
  // A peer that has written and left is read all the same, and its end does not end our side by itself.
  const server = net().createServer({ allowHalfOpen: true, pauseOnConnect: true, noDelay: true });
  const arrivals = new Arrivals(new Hold(server), { key, legacyMd5, handshakeTimeout, maxMessageBytes, values });
  server.on('connection', (socket: Socket) => arrivals.add(socket));
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen({ ...endpoint, backlog, exclusive: true }, resolve);
    });
  } catch (error) {
    made?.remove();
    throw systemError(error);
  }
  server.removeAllListeners('error');
  // Nothing that can happen to a bound server keeps it from listening on.
  server.on('error', () => undefined);
  watchExit();
  return new ListeningSocket(server, address, arrivals, () => {
    if (family === 'AF_UNIX' && typeof address === 'string' && !address.startsWith('\0')) {
      fs.rmSync(address, { force: true });
    }
    made?.remove();
  });
}

const closedError = (): OSError => new OSError('EBADF', 'listener is closed');

const addressOf = ({ address, port }: AddressInfo): readonly [string, number] => [address, port];

/** How to take away the files of the listeners that are open. */
const open = new Set<() => void>();
let watching = false;

function watchExit(): void {
  if (watching) return;
  watching = true;
  process.on('exit', () => {
    for (const remove of open) remove();
  });
}
