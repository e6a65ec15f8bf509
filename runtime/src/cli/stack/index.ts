import { fileURLToPath } from 'node:url';
import { find, title } from '../find.js';
import { paint, plain, wantsColour } from '../text.js';
import { does } from '../view.js';
import { NoDoor, openDoor } from './door.js';
import { look, type Frame } from './look.js';
import { mapper } from './mapped.js';

/** Prints where a process is in its code. It stands still for some milliseconds, and a local port is open meanwhile. */
export async function stack(pid: number): Promise<number> {
  const found = find(pid);
  if (typeof found === 'string') {
    process.stderr.write(`manycore: ${found}\n`);
    return 1;
  }
  const { stdout } = process;
  const colour = wantsColour(stdout);
  const dim = (text: string): string => (colour ? paint(text, 'dim') : text);
  // Whoever interrupts this: the other goes on, and its port is closed, before we end.
  const interrupted = new AbortController();
  const interrupt = (): void => interrupted.abort();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, interrupt);
  let frames: Frame[] | undefined;
  try {
    frames = await look(await openDoor(pid), interrupted.signal);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    const why = error instanceof NoDoor ? reason : `its inspector did not answer: ${reason}`;
    process.stderr.write(`manycore: no stack of ${title(found.process)}: ${plain(why)}\n`);
    return 1;
  }
  if (interrupted.signal.aborted) return 1;
  const { kind, state } = found.process;
  const doing = does(found.process, Date.now());
  stdout.write(`${title(found.process)}  ${kind}, ${state}${doing === '' ? '' : `  ${doing}`}\n`);
  // Node's own code alone: the event loop between two callbacks.
  if (frames === undefined || frames.every(({ url }) => url.startsWith('node:'))) {
    stdout.write('    (no code of the program is running: it waits in its event loop)\n');
    return 0;
  }
  const mapped = mapper();
  for (const frame of frames.map(mapped)) {
    const line = `    at ${plain(frame.name) || '<anonymous>'} (${place(frame)})`;
    stdout.write(`${frame.url.startsWith('node:') ? dim(line) : line}\n`);
  }
  return 0;
}

function place({ url, line, column }: Frame): string {
  let file = url;
  try {
    if (url.startsWith('file:')) file = fileURLToPath(url);
  } catch {
    // as it is
  }
  return `${plain(file) || '<anonymous>'}:${line}:${column}`;
}
