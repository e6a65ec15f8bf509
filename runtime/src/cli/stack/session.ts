import WebSocket from 'ws';

/** A thing with fields, as the inspector's messages are. */
export type Fields = Readonly<Record<string, unknown>>;
export const fields = (value: unknown): Fields =>
  typeof value === 'object' && value !== null ? (value as Fields) : {};

type Listener = (params: Fields) => void;

/** One connection to a process's inspector. Closing it, or the death of this process, lets a paused process go on. */
export class Session {
  readonly #socket: WebSocket;
  readonly #answers = new Map<number, (answer: Fields) => void>();
  readonly #listeners = new Map<string, Listener>();
  readonly closed: Promise<void>;
  #last = 0;

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    this.closed = new Promise(resolve => socket.once('close', () => resolve()));
    socket.on('error', () => socket.terminate());
    socket.on('message', (data: Buffer) => this.#take(fields(JSON.parse(data.toString()))));
  }

  /** Rejects when nothing answers in time. */
  static async open(url: string, patience: number): Promise<Session> {
    const socket = new WebSocket(url, { handshakeTimeout: patience, perMessageDeflate: false, maxPayload: 2 ** 28 });
    const session = new Session(socket);
    await new Promise<void>((resolve, reject) => {
      socket.once('open', resolve);
      socket.once('error', reject);
    });
    return session;
  }

  on(event: string, listener: Listener): void {
    this.#listeners.set(event, listener);
  }

  /** Sends a command; resolves with its result, undefined when it is refused or the connection ends before. */
  send(method: string, params: Fields = {}): Promise<Fields | undefined> {
    const id = ++this.#last;
    const answer = new Promise<Fields | undefined>(resolve => {
      this.#answers.set(id, ({ result }) => resolve(result === undefined ? undefined : fields(result)));
    });
    this.#socket.send(JSON.stringify({ id, method, params }), () => undefined);
    return Promise.race([answer, this.closed.then(() => undefined)]);
  }

  close(): void {
    this.#socket.terminate();
  }

  #take(message: Fields): void {
    const { id, method, params } = message;
    if (typeof id === 'number') {
      this.#answers.get(id)?.(message);
      this.#answers.delete(id);
    } else if (typeof method === 'string') {
      this.#listeners.get(method)?.(fields(params));
    }
  }
}
