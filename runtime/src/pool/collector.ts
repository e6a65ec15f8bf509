import { whenAborted } from '../sync/aborted.js';
import { openInputs } from './inputs.js';
import type { Source } from './runner.js';

/** Takes the asynchronous inputs of a map to their end, before any of it is sent; a call as good as handed in. */
export class Collector<T> implements Source {
  /** All inputs. Rejects with what the input throws, the signal's reason, or the error of `stop`; never undone. */
  readonly all: Promise<readonly T[]>;
  #stop: (reason: unknown) => void = () => undefined;

  constructor(inputs: AsyncIterable<T>, signal: AbortSignal | undefined) {
    const source = openInputs(inputs);
    const stopped = new Promise<never>((_, reject) => (this.#stop = reject));
    const ignoreSignal = whenAborted(signal, () => this.#stop(signal?.reason));
    let isStopped = false;
    const close = async (): Promise<void> => {
      isStopped = true;
      await source.return?.();
    };
    // It may never answer, and nobody wants to hear what it says.
    stopped.catch(close).catch(() => undefined);
    const collect = async (): Promise<readonly T[]> => {
      const all: T[] = [];
      for (;;) {
        const step = await source.next();
        if (step.done === true || isStopped) return all;
        all.push(step.value);
      }
    };
    this.all = Promise.race([collect(), stopped]).finally(ignoreSignal);
  }

  /** It reads ahead of nobody. */
  unbound(): void {
    // Its inputs are all there is to wait for.
  }

  stop(error: Error): void {
    this.#stop(error);
  }
}
