import { registerClass, type Callable } from '../pickle/index.js';
import { Process, START_METHOD } from './process.js';

/** What `getContext('spawn').Process` is (Python: `multiprocessing.context.SpawnProcess`). */
export class SpawnProcess<A extends unknown[] = unknown[]> extends Process<A> {
  static override readonly [START_METHOD] = 'spawn';
}

/** What `getContext('forkserver').Process` is (Python: `multiprocessing.context.ForkServerProcess`). */
export class ForkServerProcess<A extends unknown[] = unknown[]> extends Process<A> {
  static override readonly [START_METHOD] = 'forkserver';
}

registerClass('SpawnProcess', SpawnProcess as unknown as Callable);
registerClass('ForkServerProcess', ForkServerProcess as unknown as Callable);
