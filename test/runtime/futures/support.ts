import { Future } from 'manycore/futures';

/** Futures in each state, as Python's tests have them. */
export function futuresInAllStates() {
  const running = new Future<number>();
  running.setRunningOrNotifyCancel();
  const cancelled = new Future<number>();
  cancelled.cancel();
  const noticed = new Future<number>();
  noticed.cancel();
  noticed.setRunningOrNotifyCancel();
  const failed = new Future<number>();
  failed.setException(new TypeError('no good'));
  const successful = new Future<number>();
  successful.setResult(42);
  return { pending: new Future<number>(), running, cancelled, noticed, failed, successful };
}

/** What is written to stderr while `run` runs; it is not shown. */
export async function stderrOf(run: () => unknown): Promise<string> {
  const { write } = process.stderr;
  let text = '';
  process.stderr.write = (chunk: unknown): boolean => {
    text += String(chunk);
    return true;
  };
  try {
    await run();
  } finally {
    process.stderr.write = write;
  }
  return text;
}

/** All that is yielded. */
export async function all<T>(iterable: AsyncIterable<T>): Promise<T[]> {
  const got: T[] = [];
  for await (const each of iterable) got.push(each);
  return got;
}

/** 0, 1, 2, … */
export function* count(): Generator<number, undefined> {
  for (let i = 0; ; i++) yield i;
}
