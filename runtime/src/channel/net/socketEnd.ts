import type { Socket } from 'node:net';
import { Connection } from '../connection.js';
import type { ReceiveOptions } from '../connection.js';
import { refuseInstances } from '../../pickle/index.js';
import { closedError } from '../pipeEnd.js';
import type { ConnectionEnd, Values } from '../transport.js';
import { untilReady } from '../wait.js';
import type { Readiness } from '../waitable.js';
import { Hold } from './hold.js';
import { refuseSync } from './refuseSync.js';
import { SocketInbox } from './socketInbox.js';
import { SocketOutbox } from './socketOutbox.js';

/** A socket as the end of a connection. Holds the process up while a call waits for it or something is to be sent. */
export class SocketEnd implements ConnectionEnd {
  readonly inbox: SocketInbox;
  readonly outbox: SocketOutbox;
  readonly values: Values;
  readonly #socket: Socket;
  readonly #hold: Hold;

  /** `limit`: the longest message taken, in bytes. */
  constructor(socket: Socket, limit: number, values: Values) {
    this.#socket = socket;
    this.#hold = new Hold(socket);
    this.inbox = new SocketInbox(socket, limit, this.#hold);
    this.outbox = new SocketOutbox(socket, this.#hold);
    this.values = values;
  }

  get readiness(): Readiness {
    return this.inbox.readiness;
  }

  /** While a stranger proves who he is, he holds nobody up. */
  set isQuiet(isQuiet: boolean) {
    this.#hold.isQuiet = isQuiet;
  }

  async ready(options: ReceiveOptions): Promise<boolean> {
    return (await untilReady([this.readiness], options)).length > 0;
  }

  readySync(): never {
    refuseSync();
  }

  /** What has been sent is still delivered. */
  closed(): void {
    this.inbox.close(closedError);
    if (this.outbox.isIdle) this.#socket.destroy();
    else this.#socket.destroySoon();
  }
}

/** A connection to a socket: of a class of its own, since its instances cannot be sent as ends of pipes can. */
export class SocketConnection<T> extends Connection<T> {}

refuseInstances(
  SocketConnection,
  'a Connection over a socket',
  'only the process that made it holds its socket',
  "Send the listener's address and connect there with Client(), or use a Pipe, whose ends can be sent.",
);
