// Python's concurrent.futures: futures, a map over two inputs, a future that is cancelled, and a worker that ends.
import { setTimeout as sleep } from 'node:timers/promises';
import { isMain } from 'manycore';
import { asCompleted, type BrokenExecutor, ProcessPoolExecutor, wait } from 'manycore/futures';

export function isPrime(n: number): boolean {
  for (let i = 2; i * i <= n; i++) if (n % i === 0) return false;
  return n > 1;
}

export const power = (x: number, n: number): number => x ** n;
export const nap = (seconds: number): Promise<void> => sleep(seconds * 1000);
export const leave = (code: number): never => process.exit(code);

async function useFutures(): Promise<void> {
  await using executor = new ProcessPoolExecutor({ maxWorkers: 2 });
  const numbers = [112272535095293, 115280095190773, 1099726899285419];
  const answers = executor.map(isPrime, numbers);
  for (const n of numbers) console.log(n, (await answers.next()).value === true ? 'is prime' : 'is not prime');
  const powers: number[] = [];
  for await (const n of executor.map(power, [2, 3, 5], [10, 4, 3])) powers.push(n);
  console.log(...powers);
  const futures = Array.from({ length: 20 }, (_, n) => executor.submit(isPrime, n));
  let primes = 0;
  for await (const future of asCompleted(futures)) if (await future.result()) primes++;
  console.log('primes below 20:', primes);
}

async function breakIt(): Promise<void> {
  await using executor = new ProcessPoolExecutor({ maxWorkers: 1 });
  const busy = Array.from({ length: 3 }, () => executor.submit(nap, 0.3));
  const late = executor.submit(isPrime, 7);
  console.log('cancelled:', late.cancel(), late.cancelled());
  const { done, notDone } = await wait(busy);
  console.log('done:', done.size, 'not done:', notDone.size);
  console.log('the worker leaves:', ((await executor.submit(leave, 3).exception()) as BrokenExecutor).name);
  try {
    executor.submit(isPrime, 7);
  } catch (error) {
    console.log('and nobody follows:', (error as BrokenExecutor).name);
  }
}

if (isMain(import.meta)) {
  await useFutures();
  await breakIt();
}
