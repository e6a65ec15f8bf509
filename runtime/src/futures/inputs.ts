import { isAsyncIterable, iterable, type Inputs } from '../pool/ground.js';

/** Where the arguments of a map's calls come from, one array a call. */
export type ArgumentSource = Iterator<unknown[], undefined> | AsyncIterator<unknown[], undefined>;

/**
 * The n-th argument of each call is the n-th item of each input; as many calls as the shortest has items. Then, and when
 * it is closed, the others are closed. Throws TypeError for what cannot be iterated.
 */
export function zipped(inputs: readonly Inputs<unknown>[]): ArgumentSource {
  const sync = inputs.filter((input): input is Iterable<unknown> => !isAsyncIterable(input));
  for (const input of sync) iterable(input);
  return sync.length === inputs.length ? forgetting(zippedNow(sync)) : forgetting(zippedLater(inputs));
}

/** Whether all items of an input are there already, and not made as they are taken. */
export function isAtHand(input: unknown): boolean {
  const isCollection = Array.isArray(input) || input instanceof Set || input instanceof Map;
  return isCollection || ArrayBuffer.isView(input) || typeof input === 'string';
}

function* zippedNow(inputs: readonly Iterable<unknown>[]): Generator<unknown[], undefined> {
  const iterators = inputs.map(input => input[Symbol.iterator]());
  // One that has said that it is at its end, or has thrown, is not closed.
  let asked: Iterator<unknown> | undefined;
  try {
    while (iterators.length > 0) {
      const args: unknown[] = [];
      for (asked of iterators) {
        const step = asked.next();
        if (step.done === true) return;
        args.push(step.value);
      }
      asked = undefined;
      yield args;
    }
  } finally {
    for (const iterator of iterators) if (iterator !== asked) iterator.return?.();
  }
}

async function* zippedLater(inputs: readonly Inputs<unknown>[]): AsyncGenerator<unknown[], undefined> {
  const iterators = inputs.map(input =>
    isAsyncIterable(input) ? input[Symbol.asyncIterator]() : input[Symbol.iterator](),
  );
  let asked: Iterator<unknown> | AsyncIterator<unknown> | undefined;
  try {
    for (;;) {
      const args: unknown[] = [];
      for (asked of iterators) {
        const step = await asked.next();
        if (step.done === true) return;
        args.push(step.value);
      }
      asked = undefined;
      yield args;
    }
  } finally {
    for (const iterator of iterators) if (iterator !== asked) await iterator.return?.();
  }
}

/** The engine keeps what a generator has worked with for as long as somebody holds the generator, also after its end. */
function forgetting(generator: ArgumentSource): ArgumentSource {
  let source: ArgumentSource | undefined = generator;
  const over = { done: true, value: undefined } as const;
  const seen = <T extends IteratorResult<unknown[], undefined>>(step: T): T => {
    if (step.done === true) source = undefined;
    return step;
  };
  const failed = (error: unknown): never => {
    source = undefined;
    throw error;
  };
  const end = (): Promise<typeof over> | typeof over => {
    const left = source;
    source = undefined;
    const ended = left?.return?.();
    return ended instanceof Promise ? ended.then(() => over) : over;
  };
  return {
    next: () => {
      try {
        const step = source?.next() ?? over;
        return step instanceof Promise ? step.then(seen, failed) : seen(step);
      } catch (error) {
        return failed(error);
      }
    },
    return: end,
  } as ArgumentSource; // what it gives later is what the generator does
}
