import { copyOut } from './receiveMemory.js';

/** Bytes of a message, the encoder's own: copied if they have to wait. */
export interface Message {
  readonly bytes: Uint8Array;
  readonly start: number;
  readonly end: number;
  /** Buffers that travel beside them, the sender's own: copied as well if they have to wait. */
  readonly parts?: readonly Uint8Array[] | undefined;
  /** Called once, when it is known whether it has been written; absent where nobody needs to know. */
  readonly sent?: ((isWritten: boolean) => void) | undefined;
}

/** The same in memory of its own, for one that has to wait. */
export function copyOf({ bytes, start, end, parts, sent }: Message): Message {
  const copies = parts?.map(part => copyOut(part, 0, part.length));
  return { bytes: copyOut(bytes, start, end), start: 0, end: end - start, parts: copies, sent };
}
