import assert from 'node:assert/strict';
import { internals } from '../../runtime/internals.js';
import { expectErrors, type Target } from '../target.js';

const { boot, channel, errors, memory, pickle, ringLayout, SharedShapes } = internals;
const { Ring } = channel;
const { OSError, RuntimeError, UnpicklingError } = errors;

/** Overwrites: pairs of where (u16, a word) and what (u32), the form of every input that scrambles memory. */
function* overwrites(input: Buffer): Generator<readonly [word: number, value: number]> {
  for (let at = 0; at + 6 <= input.length; at += 6) yield [input.readUInt16LE(at), input.readInt32LE(at + 2)];
}

function change(...pairs: (readonly [word: number, value: number])[]): Buffer {
  const bytes = Buffer.alloc(pairs.length * 6);
  pairs.forEach(([word, value], i) => {
    bytes.writeUInt16LE(word, i * 6);
    bytes.writeUInt32LE(value >>> 0, i * 6 + 2);
  });
  return bytes;
}

const CAPACITY = 4096;
/**
 * The words of locks and of those who wait: whoever is named there as an owner is asked whether it lives, and this
 * process does. The model test and the killers look after them.
 */
const isLock = (word: number): boolean => word >= ringLayout.WRITER_LOCK && word < ringLayout.CELLS_START;

/** A ring with a few messages in it, then with any of its words overwritten; `attach` reads the header anew. */
function ring(): Target {
  const words = Ring.bytes(CAPACITY) >> 2;
  const block = memory.allocate(Ring.bytes(CAPACITY) + 4096);
  const i32 = block.segment.i32.subarray(block.word, block.word + words);
  const guard = block.segment.i32.subarray(block.word + words, block.word + words + 1024);
  guard.fill(0x5a5a5a5a);
  const message = Buffer.from('a message of thirty-one bytes..');
  const FIRST = ringLayout.HEADER_BYTES >> 2;
  return {
    name: 'ring',
    longest: 120,
    corpus: [
      change([FIRST, 0x7fffffff]),
      change([FIRST, -1]),
      change([FIRST + 1, 2]),
      change([FIRST + 1, 3]),
      change([FIRST + 1, 3], [FIRST, 16], [FIRST + 2, 1], [FIRST + 3, 0], [FIRST + 4, 64]),
      change([ringLayout.TAIL, 0x7ffffff0], [ringLayout.SEEN_TAIL, 8]),
      change([ringLayout.HEAD, -8], [ringLayout.SEEN_HEAD, 3]),
      change([ringLayout.CAPACITY, 1 << 30]),
      change([ringLayout.CAPACITY, 0]),
      change([ringLayout.CAPACITY, -4096]),
      change([ringLayout.CAPACITY, 12_345]),
      change([ringLayout.TAIL_COUNTS, 40], [ringLayout.TAIL_COUNTS + 1, 9]),
      change([ringLayout.CELLS_START, 1], [ringLayout.CELLS_START + 1, 1], [ringLayout.CELLS_START + 2, 1]),
    ],
    run(input) {
      i32.fill(0);
      guard.fill(0x5a5a5a5a);
      const whole = Ring.place(block, CAPACITY);
      for (let i = 0; i < 5; i++) whole.tryWrite(message, 0, message.length - i * 4);
      for (const [word, value] of overwrites(input)) if (!isLock(word) && word < words) i32[word] = value;
      for (const each of [whole, expectErrors(() => Ring.attach(block.segmentId, block.offset), OSError)]) {
        if (!(each instanceof Ring)) continue;
        for (let i = 0; i < 8; i++) {
          const read = expectErrors(() => each.tryRead((bytes, start, end) => {
            assert.ok(start >= 0 && start <= end && end <= bytes.length, `bytes ${start} to ${end} of ${bytes.length}`);
            return bytes.toString('latin1', start, Math.min(end, start + 100));
          }), OSError); // prettier-ignore
          assert.ok(read === undefined || typeof read === 'string');
          expectErrors(() => each.tryWrite(message, 0, message.length), OSError);
          assert.equal(typeof each.depth, 'number');
          assert.equal(typeof each.isEmpty, 'boolean');
        }
      }
      assert.ok(
        guard.every(word => word === 0x5a5a5a5a),
        'it wrote behind its end',
      );
    },
    close: () => memory.free(block, Ring.bytes(CAPACITY) + 4096),
  };
}

/** The shared table of keys and names, scrambled, and messages that name its entries. */
function shapes(): Target {
  const table = new SharedShapes();
  pickle.useShapeTable(table);
  const values = [{ alpha: 1, beta: [2] }, { gamma: { delta: 'x' } }, [{ alpha: 1 }, { alpha: 2 }]];
  const messages = values.map(value => {
    pickle.encodeToBuffer(value);
    return pickle.encodeToBuffer(value);
  });
  const { table: processes } = memory.program();
  const segment = memory.program().segment(processes.i32[memory.layout.Header.shapeSegment] ?? 0);
  const before = Int32Array.from(segment.i32.subarray(0, 8192));
  const first = before[32] ?? 0;
  const fresh = { key: 'met for the first time' };
  return {
    name: 'shapes',
    longest: 120,
    corpus: [
      change([16, 0x7fffffff]),
      change([16, -1]),
      change([16, 4096]),
      change([32, 0x7fffffff]),
      change([32, -8]),
      change([33, 3]),
      change([first >> 2, 0x7fffffff]),
      change([first >> 2, -1]),
      change([(first >> 2) + 1, 0x5d5b5d5b]),
      // {"a":1}, null, [1], ["__proto__"]
      change([first >> 2, 7], [(first >> 2) + 1, 0x2261227b], [(first >> 2) + 2, 0x7d313a]),
      change([first >> 2, 4], [(first >> 2) + 1, 0x6c6c756e]),
      change([first >> 2, 3], [(first >> 2) + 1, 0x5d315b]),
    ],
    run(input) {
      for (const [word, value] of overwrites(input)) if (word !== 0 && word < 8192) segment.i32[word] = value;
      try {
        pickle.useShapeTable(new SharedShapes());
        for (const bytes of messages) expectErrors(() => pickle.decode(bytes), UnpicklingError, OSError);
        for (const value of [...values, fresh, fresh]) expectErrors(() => pickle.encodeToBuffer(value), OSError);
      } finally {
        segment.i32.set(before);
      }
    },
    close: () => pickle.useShapeTable(null),
  };
}

function bootMessageOf(header: object, payload: Buffer): Buffer {
  const head = Buffer.from(JSON.stringify(header));
  const size = Buffer.alloc(4);
  size.writeUInt32LE(head.length);
  return Buffer.concat([size, head, payload]);
}

/** What a child is told at its start. */
function bootMessages(): Target {
  const header = { entry: 'process', name: 'Process-1', daemon: false, identity: [1], authKey: '00ff', parentName: 'MainProcess', argv: ['x'], sourceMaps: false, sites: [] }; // prettier-ignore
  return {
    name: 'boot',
    corpus: [bootMessageOf(header, pickle.encodeToBuffer({ a: 1 })), bootMessageOf(header, Buffer.alloc(0))],
    run(input) {
      const read = expectErrors(() => boot.parseBootMessage(input), RuntimeError);
      if (read === undefined) return;
      const { header: got, payload } = read as ReturnType<typeof boot.parseBootMessage>;
      assert.equal(typeof got.entry + typeof got.name + typeof got.authKey, 'stringstringstring');
      assert.ok(payload.length <= input.length && Array.isArray(got.argv) && Array.isArray(got.sites));
    },
  };
}

export const memoryTargets = { ring, shapes, boot: bootMessages };
