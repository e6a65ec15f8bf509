import { setTimeout as sleep } from 'node:timers/promises';
import type { Door } from './door.js';
import { fields, Session, type Fields } from './session.js';

/** A call on the stack; line and column from 1, as in the code that runs. */
export interface Frame {
  readonly name: string;
  readonly url: string;
  readonly line: number;
  readonly column: number;
  /** Where the code says its source map is; '' for none. */
  readonly mapUrl: string;
}

/** How long a process may take to take notice. */
const ANSWER = 3000;
/** Code that runs stops with its next statement: what has not done so by then has nothing on its stack. */
const STOP = 500;
const CLOSE = 1500;

/**
 * Pauses the process behind the door for as long as it takes to read its stack: undefined when no JavaScript runs. It
 * goes on in the same moment in which the answer is here; also when this process dies, since its connection ends then.
 */
export async function look(door: Door, signal: AbortSignal): Promise<Frame[] | undefined> {
  const session = await Session.open(door.url, ANSWER);
  const aborted = new Promise<void>(resolve => signal.addEventListener('abort', () => resolve(), { once: true }));
  try {
    const scripts = new Map<unknown, Fields>();
    session.on('Debugger.scriptParsed', script => scripts.set(script['scriptId'], script));
    const paused = new Promise<Fields>(resolve => {
      session.on('Debugger.paused', event => {
        void session.send('Debugger.resume');
        resolve(event);
      });
    });
    if (signal.aborted) return undefined;
    void session.send('Debugger.enable');
    const heard = await Promise.race([
      session.send('Debugger.pause'),
      sleep(ANSWER, undefined, { ref: false }),
      aborted,
    ]);
    if (heard === undefined && !signal.aborted) throw new Error(`nothing came within ${ANSWER / 1000} s`);
    const event = await Promise.race([paused, sleep(STOP, undefined, { ref: false }), session.closed, aborted]);
    return event === undefined ? undefined : framesOf(event, scripts);
  } finally {
    await leave(session, door);
  }
}

/** No pause is left behind, nor, where we opened it, the port. */
async function leave(session: Session, { wasOpen }: Door): Promise<void> {
  const tidy = async (): Promise<void> => {
    // A pause that has not happened yet is forgotten with this.
    await session.send('Debugger.disable');
    if (wasOpen) return;
    const expression = `require('node:inspector').close()`;
    await session.send('Runtime.evaluate', { expression, includeCommandLineAPI: true, silent: true });
    await session.closed;
  };
  await Promise.race([tidy(), sleep(CLOSE, undefined, { ref: false })]);
  session.close();
}

function framesOf(event: Fields, scripts: ReadonlyMap<unknown, Fields>): Frame[] {
  const calls: unknown[] = Array.isArray(event['callFrames']) ? event['callFrames'] : [];
  return calls.map(call => {
    const { functionName, location, url } = fields(call);
    const { scriptId, lineNumber, columnNumber } = fields(location);
    const script = scripts.get(scriptId) ?? {};
    return {
      name: word(functionName),
      url: word(url) || word(script['url']),
      line: number(lineNumber) + 1,
      column: number(columnNumber) + 1,
      mapUrl: word(script['sourceMapURL']),
    };
  });
}

const word = (value: unknown): string => (typeof value === 'string' ? value : '');
const number = (value: unknown): number => (typeof value === 'number' ? value : 0);
