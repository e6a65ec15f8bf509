import { type CancellationToken } from 'vscode-languageserver/node';

export type Waited = 'quiet' | 'changed' | 'cancelled';

/** Waits for pauses in typing: what is still being typed is not checked. */
export class Quiet {
  readonly #changed = new Map<string, number>();
  readonly #waiting = new Map<string, Set<(outcome: Waited) => void>>();

  /** The document changed: whoever waits for it is too late. */
  touch(uri: string): void {
    this.#changed.set(uri, performance.now());
    this.#wake(uri);
  }

  forget(uri: string): void {
    this.#changed.delete(uri);
    this.#wake(uri);
  }

  /** Until the document has not changed for `debounce` milliseconds, or changes, or nobody wants to know any more. */
  async pause(uri: string, debounce: number, token: CancellationToken): Promise<Waited> {
    const left = (this.#changed.get(uri) ?? -Infinity) + debounce - performance.now();
    if (token.isCancellationRequested) return 'cancelled';
    if (left <= 0) return 'quiet';
    return new Promise(resolve => {
      const waiting = this.#waiting.get(uri) ?? new Set();
      this.#waiting.set(uri, waiting);
      const end = (outcome: Waited): void => {
        clearTimeout(timer);
        cancellation.dispose();
        waiting.delete(end);
        resolve(outcome);
      };
      waiting.add(end);
      const timer = setTimeout(end, left, 'quiet');
      const cancellation = token.onCancellationRequested(() => {
        end('cancelled');
      });
    });
  }

  #wake(uri: string): void {
    for (const end of [...(this.#waiting.get(uri) ?? [])]) end('changed');
  }
}
