import { AuthenticationError } from '../../errors.js';
import { crypto } from '../../lazyNode.js';

/** The digests that a message may name, and what Node calls them. MD5 is for those who name none. */
const ALLOWED = new Map([
  ['sha256', 'sha256'],
  ['sha384', 'sha384'],
  ['sha3_256', 'sha3-256'],
  ['sha3_384', 'sha3-384'],
]);
const LONGEST_NAME = 8;
const MD5_BYTES = 16;
/** Bytes at random in a challenge that names no digest. */
const OLD_CHALLENGE_BYTES = 20;

/** A message `{digest}rest`; none is named in the form of CPython before 3.12, which means MD5. */
interface Named {
  readonly digest: string | undefined;
  readonly rest: Buffer;
}

/** A challenge for the peer: random bytes behind the digest it shall use. */
export function makeChallenge(): Buffer {
  return Buffer.concat([Buffer.from('{sha256}'), crypto().randomBytes(40)]);
}

/** The answer to a challenge. Throws AuthenticationError for one that is none, or that asks for MD5 where that is refused. */
export function answerTo(challenge: Buffer, key: Uint8Array, allowMd5: boolean): Buffer {
  if (challenge.length < OLD_CHALLENGE_BYTES) {
    throw new AuthenticationError(`challenge too short: ${challenge.length} bytes`);
  }
  const { digest } = read(challenge, challenge.length === OLD_CHALLENGE_BYTES);
  if (digest === undefined) {
    refuseMd5(allowMd5);
    return hmac('md5', key, challenge);
  }
  return Buffer.concat([Buffer.from(`{${digest}}`), hmac(digest, key, challenge)]);
}

/** Whether this answers the challenge. Throws AuthenticationError for what is no answer, or MD5 where that is refused. */
export function isAnswer(answer: Buffer, challenge: Buffer, key: Uint8Array, allowMd5: boolean): boolean {
  const { digest, rest } = read(answer, answer.length === MD5_BYTES);
  if (digest === undefined) refuseMd5(allowMd5);
  const expected = hmac(digest ?? 'md5', key, challenge);
  return rest.length === expected.length && crypto().timingSafeEqual(rest, expected);
}

function hmac(digest: string, key: Uint8Array, message: Buffer): Buffer {
  return crypto()
    .createHmac(ALLOWED.get(digest) ?? digest, key)
    .update(message)
    .digest();
}

function read(message: Buffer, isOldForm: boolean): Named {
  if (isOldForm) return { digest: undefined, rest: message };
  const end = message[0] === 0x7b ? message.subarray(0, LONGEST_NAME + 2).indexOf('}') : -1;
  const digest = message.toString('latin1', 1, Math.max(end, 1));
  if (!ALLOWED.has(digest)) {
    throw new AuthenticationError('unsupported message length, missing digest prefix, or unsupported digest');
  }
  return { digest, rest: message.subarray(end + 1) };
}

function refuseMd5(isAllowed: boolean): void {
  if (isAllowed) return;
  throw new AuthenticationError(
    'the other side wants MD5, as CPython before 3.12 does; it is refused unless { legacyMd5: true } is given',
  );
}
