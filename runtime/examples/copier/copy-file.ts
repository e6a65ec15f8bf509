// The task of a pool worker: copy one file, and tell the main process how far it is.
import { createReadStream, createWriteStream } from 'node:fs';
import fs from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import type { Queue } from 'manycore';

export interface CopyJob {
  /** What the user knows the file as. */
  name: string;
  from: string;
  to: string;
  mode: number;
}

export interface Report {
  name: string;
  /** Copied since the last report about this file. */
  bytes: number;
  done: boolean;
}

/** Large enough for speed, small enough for a bar that moves. */
const blockSize = 1024 * 1024;

export async function copyFile(job: CopyJob, reports: Queue<Report>): Promise<void> {
  let unreported = 0;
  await pipeline(
    createReadStream(job.from, { highWaterMark: blockSize }),
    async function* (blocks: AsyncIterable<Buffer>) {
      for await (const block of blocks) {
        if (unreported > 0) await reports.put({ name: job.name, bytes: unreported, done: false });
        yield block;
        unreported = block.length;
      }
    },
    createWriteStream(job.to, { flags: 'wx' }), // never over a file that is there
  );
  // Not given to the stream: the system would take the umask off it, and a read-only file could not be written.
  await fs.chmod(job.to, job.mode);
  await reports.put({ name: job.name, bytes: unreported, done: true });
}
