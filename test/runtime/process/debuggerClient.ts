import { once } from 'node:events';
import { WebSocket } from 'ws';

type Fields = Record<string, unknown>;
interface Frame {
  readonly callFrameId: string;
}

/** As much of a debugger as it takes to stop at a line, look at a variable, and set one. */
export class Debugger implements Disposable {
  readonly #socket: WebSocket;
  readonly #answers = new Map<number, (message: Fields) => void>();
  readonly #pauses: Frame[] = [];
  #paused: (frame: Frame) => void = frame => void this.#pauses.push(frame);
  #last = 0;
  /**
   * Resolves when the process has run to its end. Node 20 may crash if a debugger leaves in that moment, so who wants
   * to see a process end well waits for this first.
   */
  readonly ended: Promise<void>;
  #end: () => void = () => undefined;

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    this.ended = new Promise(resolve => (this.#end = resolve));
    socket.on('close', () => this.#end());
    socket.on('message', data => this.#take(JSON.parse(String(data as Buffer)) as Fields));
  }

  static async attach(url: string): Promise<Debugger> {
    const socket = new WebSocket(url);
    await once(socket, 'open');
    const client = new Debugger(socket);
    await client.#send('Runtime.enable');
    await client.#send('Debugger.enable');
    return client;
  }

  /** Has a process go on that waits for a debugger, or stands before its first line. */
  async run(stands: boolean): Promise<void> {
    await this.#send('Runtime.runIfWaitingForDebugger');
    if (!stands) return;
    await this.paused();
    await this.resume();
  }

  /** `line` counts from 0. */
  async breakAt(urlRegex: string, line: number): Promise<void> {
    await this.#send('Debugger.setBreakpointByUrl', { urlRegex, lineNumber: line });
  }

  paused(): Promise<Frame> {
    const frame = this.#pauses.shift();
    if (frame !== undefined) return Promise.resolve(frame);
    return new Promise(resolve => (this.#paused = resolve));
  }

  async evaluate({ callFrameId }: Frame, expression: string): Promise<unknown> {
    const { result } = await this.#send('Debugger.evaluateOnCallFrame', { callFrameId, expression });
    return (result as { value?: unknown }).value;
  }

  async resume(): Promise<void> {
    await this.#send('Debugger.resume');
  }

  [Symbol.dispose](): void {
    this.#socket.terminate();
  }

  #send(method: string, params: Fields = {}): Promise<Fields> {
    const id = ++this.#last;
    this.#socket.send(JSON.stringify({ id, method, params }));
    return new Promise((resolve, reject) => {
      this.#answers.set(id, ({ result, error }) => {
        if (error === undefined) resolve((result ?? {}) as Fields);
        else reject(new Error(`${method}: ${JSON.stringify(error)}`));
      });
    });
  }

  #take(message: Fields): void {
    if (typeof message['id'] === 'number') this.#answers.get(message['id'])?.(message);
    if (message['method'] === 'Runtime.executionContextDestroyed') this.#end();
    if (message['method'] !== 'Debugger.paused') return;
    const frame = (message['params'] as { callFrames: Frame[] }).callFrames[0];
    if (frame !== undefined) this.#paused(frame);
  }
}
