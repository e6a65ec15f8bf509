import { LONGEST_TIMER } from '../../clock.js';
import { AuthenticationError, TimeoutError, ValueError } from '../../errors.js';
import type { Connection } from '../connection.js';
import { answerTo, isAnswer, makeChallenge } from './digests.js';

const CHALLENGE = Buffer.from('#CHALLENGE#');
const WELCOME = Buffer.from('#WELCOME#');
const FAILURE = Buffer.from('#FAILURE#');

/** Before a peer has proved itself, it may not send more than this at once. */
export const LONGEST_FRAME = 256;
const REPLY = { maxLength: LONGEST_FRAME };

export interface ChallengeOptions {
  /** Also take MD5, the only digest of CPython before 3.12. Default false: MD5 is not what it was. */
  readonly legacyMd5?: boolean | undefined;
}

/** Who speaks first: a listener challenges, then answers; a client the other way about. */
export type Role = 'listener' | 'client';

/**
 * Has the peer prove that it knows the key (Python: `deliver_challenge`). Rejects with AuthenticationError when it does
 * not, after telling it; with ValueError when the key is no Uint8Array; with what the connection rejects with.
 */
export async function deliverChallenge(
  connection: Connection,
  authKey: Uint8Array,
  options: ChallengeOptions = {},
): Promise<void> {
  checkKey(authKey);
  const challenge = makeChallenge();
  issued.set(connection, challenge);
  await connection.sendBytes(Buffer.concat([CHALLENGE, challenge]));
  const answer = await connection.recvBytes(REPLY);
  let failure: Error | undefined;
  try {
    if (!isAnswer(answer, challenge, authKey, options.legacyMd5 === true)) {
      failure = new AuthenticationError('digest received was wrong');
    }
  } catch (error) {
    failure = error as Error;
  }
  await connection.sendBytes(failure === undefined ? WELCOME : FAILURE);
  if (failure !== undefined) throw failure;
}

/**
 * Proves to the peer that this side knows the key (Python: `answer_challenge`). Rejects with AuthenticationError when the
 * peer does not think so, or sends what is no challenge; with ValueError when the key is no Uint8Array; with what the
 * connection rejects with.
 */
export async function answerChallenge(
  connection: Connection,
  authKey: Uint8Array,
  options: ChallengeOptions = {},
): Promise<void> {
  checkKey(authKey);
  const message = await connection.recvBytes(REPLY);
  if (!message.subarray(0, CHALLENGE.length).equals(CHALLENGE)) {
    throw new AuthenticationError('Protocol error, expected challenge');
  }
  const challenge = message.subarray(CHALLENGE.length);
  if (isOurs(connection, challenge)) {
    throw new AuthenticationError('the other side sent a challenge of ours back, to have it answered by ourselves');
  }
  await connection.sendBytes(answerTo(challenge, authKey, options.legacyMd5 === true));
  const response = await connection.recvBytes(REPLY);
  if (!response.equals(WELCOME)) throw new AuthenticationError('digest sent was rejected');
}

/**
 * Both sides prove themselves, within `timeout` milliseconds. What fails closes the connection and rejects: with
 * AuthenticationError, with TimeoutError, with the signal's reason, or with what the connection rejects with.
 */
export async function login(
  connection: Connection,
  role: Role,
  key: Uint8Array,
  options: ChallengeOptions & { timeout: number; signal?: AbortSignal | undefined },
): Promise<void> {
  let stopped: Error | undefined;
  const stop = (reason: Error): void => {
    stopped = reason;
    connection.close();
  };
  const { signal, timeout } = options;
  const late = (): void => stop(new TimeoutError('the other side did not prove in time that it knows the key'));
  const timer = timeout === Infinity ? undefined : setTimeout(late, Math.min(timeout, LONGEST_TIMER)).unref();
  const onAbort = (): void => stop(signal?.reason as Error);
  signal?.addEventListener('abort', onAbort, { once: true });
  underWay[role].add(connection);
  try {
    const steps = [deliverChallenge, answerChallenge];
    if (role === 'client') steps.reverse();
    for (const step of steps) await step(connection, key, options);
  } catch (error) {
    connection.close();
    throw stopped ?? error;
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', onAbort);
    underWay[role].delete(connection);
  }
}

/** The last challenge sent on a connection. */
const issued = new WeakMap<Connection, Buffer>();
/** Connections whose handshake is going on. */
const underWay: Readonly<Record<Role, Set<Connection>>> = { listener: new Set(), client: new Set() };

/**
 * A peer without the key may hope to have its challenge answered by whoever made it: on the same connection, or on
 * another one of the same role. (A client rightly answers a listener of its own process.)
 */
function isOurs(connection: Connection, challenge: Buffer): boolean {
  if (issued.get(connection)?.equals(challenge) === true) return true;
  const role = underWay.client.has(connection) ? 'client' : 'listener';
  if (!underWay[role].has(connection)) return false;
  for (const other of underWay[role]) if (issued.get(other)?.equals(challenge) === true) return true;
  return false;
}

function checkKey(authKey: Uint8Array): void {
  if (!((authKey as unknown) instanceof Uint8Array)) {
    throw new ValueError(`authKey must be a Uint8Array, not ${typeof authKey}`);
  }
}
