/** Messages that no encoder would write, byte by byte after the README of `pickle/`. */

const text = (value: string): Buffer => {
  const bytes = Buffer.from(value, 'latin1');
  if (bytes.length < 64) return Buffer.concat([Buffer.from([0x40 + bytes.length]), bytes]);
  const size = Buffer.alloc(5);
  size[0] = 0x06;
  size.writeUInt32LE(bytes.length, 1);
  return Buffer.concat([size, bytes]);
};

/** A list of strings as it stands in a trailer: length, hash, strings. */
function block(strings: readonly string[]): Buffer {
  const body = Buffer.concat(strings.map(text));
  let hash = 0x811c9dc5;
  for (const byte of body) hash = Math.imul(hash ^ byte, 0x01000193);
  const head = Buffer.alloc(8);
  head.writeUInt32LE(body.length, 0);
  head.writeUInt32LE(hash >>> 0, 4);
  return Buffer.concat([head, body]);
}

export interface ForgedReference {
  readonly kind?: string;
  readonly url: string;
  readonly name: string;
  readonly member?: string;
}

/** A message with that value and those references and shapes in its trailer. */
export function forge(
  value: readonly number[],
  references: readonly ForgedReference[],
  shapes: string[][] = [],
): Buffer {
  const counts = Buffer.alloc(8);
  counts.writeUInt16LE(shapes.length, 0);
  counts.writeUInt16LE(references.length, 2);
  const entries = references.map(({ kind = 'esm', url, name, member = '' }) =>
    Buffer.concat([Buffer.from([0]), block(['\0reference', kind, url, name, member, ''])]),
  );
  const place = Buffer.alloc(4);
  place.writeUInt32LE(1 + value.length, 0);
  return Buffer.concat([Buffer.from([0xa4 | 2, ...value]), counts, ...shapes.map(block), ...entries, place]);
}

/** A message that is nothing but the function of that reference. */
export const forgeReference = (reference: ForgedReference): Buffer => forge([0x2a, 0, 0], [reference]);
