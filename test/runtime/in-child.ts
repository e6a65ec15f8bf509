import { once } from 'node:events';

/** For fixtures: tells the test that started this process. */
export function say(message: unknown): Promise<void> {
  return new Promise((resolve, reject) => {
    process.send?.(message, (error: Error | null) => (error === null ? resolve() : reject(error)));
  });
}

/** For fixtures: the next thing the test tells. */
export async function told(): Promise<unknown> {
  return (await once(process, 'message'))[0] as unknown;
}
