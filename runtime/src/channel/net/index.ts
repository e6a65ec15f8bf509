import { listen, type ListenerOptions, type ListeningSocket } from './listener.js';

export { addressType, defaultFamily, families, type Address, type Family } from './addresses.js';
export { Client, type ClientOptions } from './client.js';
export { answerChallenge, deliverChallenge, type ChallengeOptions } from './handshake.js';
export { type ConnectOptions, type ListenerOptions, type PeerAddress } from './listener.js';
export { provideProcessKey } from './processKey.js';

/** Listens for connections; made by the function of the same name. */
export type Listener = ListeningSocket;

/**
 * Listens for connections of other processes or programs (Python: `multiprocessing.connection.Listener`): `await
 * Listener({ address, authKey })`, with or without `new`. Rejects with OSError when the address cannot be had
 * (`EADDRINUSE`, also for the file of a Unix socket that somebody left behind; `EACCES`, …), with ValueError for a family that
 * this system does not have, with TypeError for an address or a key that is none, or an option that there is not.
 *
 * The listener alone does not keep the process alive; a pending `accept` does.
 */
export const Listener = function (options?: ListenerOptions): Promise<Listener> {
  return listen(options);
} as unknown as {
  (options?: ListenerOptions): Promise<Listener>;
  new (options?: ListenerOptions): Promise<Listener>;
};
