import fs from 'node:fs';
import path from 'node:path';
import { net } from '../../lazyNode.js';
import type { Doorbell, Ringer } from '../platform.js';

/** A process that was killed may have its pipe for a moment longer than its slot. */
const AGAIN_MS = 50;

/** Pipes are no files: they have one flat space of names, for everybody who is logged in. */
const pipeName = (bell: string): string =>
  `\\\\.\\pipe\\manycore-${path.basename(path.dirname(bell))}-${path.basename(bell)}`;

/** A named pipe: Node listens, and whoever rings opens it as a file. */
export function listen(bell: string, rung: (bytes: Buffer) => void): Doorbell {
  const name = pipeName(bell);
  const server = net().createServer(ringer => {
    ringer.on('data', rung);
    // Who rang has died: it rings no more.
    ringer.on('error', () => undefined);
    ringer.unref();
  });
  server.on('error', () => void setTimeout(() => server.listen(name), AGAIN_MS).unref());
  server.listen(name);
  server.unref();
  return { ref: () => void server.ref(), unref: () => void server.unref() };
}

/**
 * Throws `EBUSY` when more want to ring for the first time than Node keeps pipes ready: their rings wake the process.
 */
export function openRinger(bell: string): Ringer {
  const fd = fs.openSync(pipeName(bell), fs.constants.O_WRONLY);
  return { ring: what => void fs.writeSync(fd, what), close: () => fs.closeSync(fd) };
}
