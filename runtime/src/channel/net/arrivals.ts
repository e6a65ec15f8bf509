import type { Socket } from 'node:net';
import { AuthenticationError } from '../../errors.js';
import type { WaitOptions } from '../../sync/waitOptions.js';
import type { Connection } from '../connection.js';
import type { Values } from '../transport.js';
import type { Readiness } from '../waitable.js';
import { login, LONGEST_FRAME } from './handshake.js';
import type { Hold } from './hold.js';
import type { PeerAddress } from './listener.js';
import { Lookers } from './lookers.js';
import { SocketConnection, SocketEnd } from './socketEnd.js';
import { Turns } from './turns.js';

/** Strangers that prove themselves at the same time; one more, and who has been at it longest is shown the door. */
const MOST_STRANGERS = 256;
/** Connections that nobody accepts; one more is dropped. */
const MOST_WAITING = 1024;
/** Failures that nobody accepts; with one more the oldest is forgotten. */
const MOST_FAILURES = 64;

export interface ArrivalRules {
  readonly key: Uint8Array | undefined;
  readonly legacyMd5: boolean | undefined;
  readonly handshakeTimeout: number;
  readonly maxMessageBytes: number;
  readonly values: Values;
}

/** Somebody who may come in, and where from. */
export interface Arrived {
  readonly connection: Connection;
  readonly peer: PeerAddress;
}

/**
 * From a socket to an accepted connection: strangers prove themselves side by side, each against a time limit, whether or
 * not somebody accepts; each outcome, good or bad, is for one accept.
 */
export class Arrivals {
  readonly #rules: ArrivalRules;
  /** Those who have not proved themselves yet, in the order in which they came, and how to show them the door. */
  readonly #strangers = new Set<AbortController>();
  #outcomes: (Arrived | AuthenticationError)[] = [];
  readonly #turns: Turns;
  readonly #lookers: Lookers;
  #isClosed = false;

  constructor(hold: Hold, rules: ArrivalRules) {
    this.#rules = rules;
    this.#lookers = new Lookers(hold);
    this.#turns = new Turns(isWaiting => {
      if (isWaiting) hold.acquire();
      else hold.release();
    });
  }

  add(socket: Socket): void {
    if (this.#isClosed || this.#outcomes.length >= MOST_WAITING) {
      socket.destroy();
      return;
    }
    const { key, maxMessageBytes, values } = this.#rules;
    const { remoteAddress, remotePort } = socket;
    const peer: PeerAddress =
      remoteAddress === undefined || remotePort === undefined ? '' : [remoteAddress, remotePort];
    const end = new SocketEnd(socket, key === undefined ? maxMessageBytes : LONGEST_FRAME, values);
    const arrived = { connection: new SocketConnection<unknown>(end), peer };
    if (key === undefined) this.#settle(arrived);
    else void this.#challenge(arrived, end, key);
  }

  /** The next outcome: a connection, or the rejection that a failed login is. */
  take(late: () => Error, options: WaitOptions, holder: object): Promise<Arrived> {
    const attempt = (): { value: Arrived } | undefined => {
      const outcome = this.#outcomes.shift();
      if (outcome instanceof AuthenticationError) throw outcome;
      return outcome === undefined ? undefined : { value: outcome };
    };
    return this.#turns.take(attempt, late, options, holder);
  }

  readonly readiness: Readiness = {
    what: 'a Listener',
    needsLoop: true,
    isReady: () => this.#outcomes.length > 0,
    watch: (changed, failed) => this.#lookers.watch(changed, failed),
  };

  close(makeError: () => Error): void {
    this.#isClosed = true;
    for (const stranger of this.#strangers) stranger.abort(makeError());
    for (const outcome of this.#outcomes.splice(0)) if ('connection' in outcome) outcome.connection.close();
    this.#turns.fail(makeError);
    this.#lookers.fail(makeError);
  }

  async #challenge(arrived: Arrived, end: SocketEnd, key: Uint8Array): Promise<void> {
    const { connection } = arrived;
    const { handshakeTimeout: timeout, legacyMd5, maxMessageBytes } = this.#rules;
    const stranger = new AbortController();
    const [oldest] = this.#strangers;
    if (this.#strangers.size >= MOST_STRANGERS) oldest?.abort(new Error('too many others wanted to log in'));
    this.#strangers.add(stranger);
    end.isQuiet = true;
    try {
      await login(connection, 'listener', key, { timeout, legacyMd5, signal: stranger.signal });
      end.inbox.limit = maxMessageBytes;
      end.isQuiet = false;
      this.#settle(arrived);
    } catch (error) {
      this.#settle(asAuthenticationError(error));
    } finally {
      this.#strangers.delete(stranger);
    }
  }

  #settle(outcome: Arrived | AuthenticationError): void {
    if (this.#isClosed) {
      if ('connection' in outcome) outcome.connection.close();
      return;
    }
    this.#outcomes.push(outcome);
    const failures = this.#outcomes.filter(each => each instanceof AuthenticationError);
    if (failures.length > MOST_FAILURES) this.#outcomes = this.#outcomes.filter(each => each !== failures[0]);
    this.#turns.serve();
    this.#lookers.tell();
  }
}

/** A stranger that hangs up, is silent or talks nonsense is one that failed to log in, and nothing worse. */
function asAuthenticationError(error: unknown): AuthenticationError {
  if (error instanceof AuthenticationError) return error;
  return new AuthenticationError(`the other side failed to prove that it knows the key: ${(error as Error).message}`, {
    cause: error,
  });
}
