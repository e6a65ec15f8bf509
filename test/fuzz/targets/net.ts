import { internals } from '../../runtime/internals.js';
import type { Target } from '../target.js';
import { expectErrors } from '../target.js';

const { FrameReader, channel, errors } = internals;
const { OSError, AuthenticationError, EOFError } = errors;

function frame(text: Buffer | string): Buffer {
  const bytes = Buffer.from(text);
  const size = Buffer.alloc(4);
  size.writeInt32BE(bytes.length);
  return Buffer.concat([size, bytes]);
}

/** A stream in chunks; the first byte says how long they are. Every message must consist of bytes that came in. */
function frames(): Target {
  const long = Buffer.alloc(12 + 5);
  long.writeInt32BE(-1);
  long.writeBigUInt64BE(5n, 4);
  return {
    name: 'frames',
    corpus: [
      Buffer.concat([Buffer.from([3]), frame('hello'), frame(''), frame('world')]),
      Buffer.concat([Buffer.from([0]), long, frame('x')]),
      Buffer.concat([Buffer.from([200]), frame(Buffer.alloc(300, 1)), frame(Buffer.alloc(70, 2))]),
    ],
    run(input) {
      const reader = new FrameReader(1000);
      const size = 1 + ((input[0] ?? 0) & 31);
      let taken = 0;
      expectErrors(() => {
        for (let at = 1; at < input.length; at += size) {
          reader.push(Buffer.from(input.subarray(at, at + size)));
          while (reader.isComplete) {
            const message = reader.take();
            if (message.length > 1000) throw new Error(`a message of ${message.length} bytes, beyond the limit`);
            taken += 4 + message.length;
          }
          if (taken + reader.size > input.length) throw new Error('more bytes than came in');
        }
      }, OSError);
    },
  };
}

const KEY = Buffer.from('the key of the fuzz');

/** A peer that says what it likes: three messages at most, cut out of the input by their first byte. */
function handshake(): Target {
  const named = (digest: string): Buffer => Buffer.concat([Buffer.from(`#CHALLENGE#{${digest}}`), Buffer.alloc(40, 7)]);
  const say = (...messages: (Buffer | string)[]): Buffer =>
    Buffer.concat(messages.map(text => Buffer.concat([Buffer.from([Buffer.byteLength(text)]), Buffer.from(text)])));
  return {
    name: 'handshake',
    corpus: [
      say(named('sha256'), '#WELCOME#', '#WELCOME#'),
      say(named('sha3_384'), '#WELCOME#'),
      say(Buffer.concat([Buffer.from('#CHALLENGE#'), Buffer.alloc(20, 1)]), '#FAILURE#'),
      say(Buffer.concat([Buffer.from('{sha256}'), Buffer.alloc(32, 9)]), named('sha384')),
      say(Buffer.alloc(16, 3), named('md5'), ''),
      say('{__proto__}', '{constructor}', '#CHALLENGE#{toString}'),
    ],
    async run(input) {
      for (const step of [channel.answerChallenge, channel.deliverChallenge] as const)
        for (const legacyMd5 of [false, true]) await dialogue(input, step, legacyMd5);
    },
  };
}

type Step = typeof channel.answerChallenge;

async function dialogue(input: Buffer, step: Step, legacyMd5: boolean): Promise<void> {
  let at = 0;
  const said: Buffer[] = [];
  const connection = {
    sendBytes: (bytes: Buffer) => Promise.resolve(void said.push(bytes)),
    recvBytes() {
      if (at >= input.length) return Promise.reject(new EOFError('the peer is gone'));
      const start = at + 1;
      at = start + (input[at] ?? 0);
      return Promise.resolve(Buffer.from(input.subarray(start, at)));
    },
  };
  try {
    await step(connection as never, KEY, { legacyMd5 }); // it sends and receives bytes, nothing else
  } catch (error) {
    if (!(error instanceof AuthenticationError) && !(error instanceof EOFError)) throw error;
    return;
  }
  // Nobody who does not know the key is let in: the peer's challenges are not ours, so its answers are never right.
  if (step === channel.deliverChallenge) throw new Error('a peer without the key was let in');
}

export const netTargets = { frames, handshake };
