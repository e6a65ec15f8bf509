import type { Socket } from 'node:net';
import { instant, LONGEST_TIMER } from '../../clock.js';
import { OSError, TimeoutError } from '../../errors.js';
import { net } from '../../lazyNode.js';
import { checkNames } from '../../optionNames.js';
import { deadlineOf, type WaitOptions } from '../../sync/waitOptions.js';
import type { Connection } from '../connection.js';
import { addressType, checkFamily, endpointOf, type Address, type Endpoint } from './addresses.js';
import { login, LONGEST_FRAME } from './handshake.js';
import { CONNECT_OPTIONS, type ConnectOptions } from './listener.js';
import { keyOf } from './processKey.js';
import { SocketConnection, SocketEnd } from './socketEnd.js';
import { systemError } from './systemErrors.js';
import { foreignValues } from './values.js';

export interface ClientOptions extends ConnectOptions, Omit<WaitOptions, 'block'> {}

const OPTIONS = [...CONNECT_OPTIONS, 'timeout', 'signal'] as const;

/**
 * Connects to a listener (Python: `multiprocessing.connection.Client`), and with a key proves to it, and has it prove,
 * that both know the key. `timeout` (milliseconds) and `signal` are for all of that together.
 *
 * Rejects with AuthenticationError; with OSError when nobody listens there (`ECONNREFUSED`, for a path also `ENOENT`); with
 * EOFError when the listener hangs up; with TimeoutError; with ValueError or TypeError for an address or key that is
 * none, or an option that there is not.
 */
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- the sides agree on the type: nothing to infer it from
export async function Client<T = any>(address: Address, options: ClientOptions = {}): Promise<Connection<T>> {
  checkNames(options, OPTIONS, 'Client');
  const { signal, legacyMd5, maxMessageBytes = Infinity } = options;
  const family = options.family ?? addressType(address);
  checkFamily(family);
  const endpoint = endpointOf(address, family);
  const key = keyOf(options.authKey);
  const values = foreignValues(options.allowModules);
  signal?.throwIfAborted();
  const deadline = deadlineOf({ timeout: options.timeout });
  const socket = await reach(endpoint, deadline, signal);
  const end = new SocketEnd(socket, key === undefined ? maxMessageBytes : LONGEST_FRAME, values);
  const connection = new SocketConnection<T>(end);
  if (key === undefined) return connection;
  const timeout = deadline === Infinity ? Infinity : Math.max(deadline - instant(), 1);
  await login(connection as Connection, 'client', key, { timeout, signal, legacyMd5 });
  end.inbox.limit = maxMessageBytes;
  return connection;
}

/**
 * Connects. A Unix socket whose queue is full refuses at once who does not block: the listener is there and busy, so this
 * waits as a blocking connect would.
 */
async function reach(endpoint: Endpoint, deadline: number, signal: AbortSignal | undefined): Promise<Socket> {
  for (let pause = SHORTEST_PAUSE; ; pause = Math.min(pause * 2, LONGEST_PAUSE)) {
    try {
      return await connect(endpoint, deadline, signal);
    } catch (error) {
      if (!(error instanceof OSError) || error.code !== 'EAGAIN') throw error;
      if (instant() + pause >= deadline) throw new TimeoutError('no connection in time');
      // The system does not tell when a listener has room again.
      await new Promise(resolve => setTimeout(resolve, pause));
      signal?.throwIfAborted();
    }
  }
}

/** Milliseconds between two attempts at a listener that is busy. */
const SHORTEST_PAUSE = 5;
const LONGEST_PAUSE = 100;

function connect(endpoint: Endpoint, deadline: number, signal: AbortSignal | undefined): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = net().connect({ ...endpoint, allowHalfOpen: true, noDelay: true });
    const leave = (): void => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', onAbort);
      socket.removeListener('error', onError);
      socket.removeListener('connect', onConnect);
    };
    const fail = (error: Error): void => {
      leave();
      // Whatever it has to say now comes too late.
      socket.on('error', () => undefined);
      socket.destroy();
      reject(error);
    };
    const onError = (error: Error): void => fail(clearer(error, endpoint));
    const onAbort = (): void => fail(signal?.reason as Error);
    const onConnect = (): void => {
      leave();
      resolve(socket);
    };
    const wait = Math.min(Math.max(deadline - instant(), 1), LONGEST_TIMER);
    const late = (): void => fail(new TimeoutError('no connection in time'));
    const timer = deadline === Infinity ? undefined : setTimeout(late, wait);
    signal?.addEventListener('abort', onAbort, { once: true });
    socket.once('error', onError);
    socket.once('connect', onConnect);
  });
}

/** Of several addresses of a host that all fail, Node reports one error without a message. */
function clearer(error: Error, endpoint: Endpoint): OSError {
  const { code = 'EIO', message } = systemError(error);
  if (message !== '') return new OSError(code, message, { cause: error });
  const where = 'path' in endpoint ? endpoint.path : `${endpoint.host}:${endpoint.port}`;
  return new OSError(code, `cannot connect to ${where} (${code})`, { cause: error });
}
