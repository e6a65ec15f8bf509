/** The five pitfalls as somebody would type them, and what the file prints once the quick-fix has been applied. */
export interface Pitfall {
  readonly code: string;
  readonly rule: string;
  readonly text: string;
  readonly prints: RegExp;
}

export const pitfalls: readonly Pitfall[] = [
  {
    code: 'MC001',
    rule: 'main-guard',
    text: `import { Pool } from 'manycore';

export function square(x: number): number {
  return x * x;
}

const pool = new Pool(2);
console.log(await pool.map(square, [1, 2, 3]));
pool.close();
await pool.join();
`,
    prints: /^\[ 1, 4, 9 \]$/m,
  },
  {
    code: 'MC002',
    rule: 'closure-target',
    text: `import { Pool, isMain } from 'manycore';

if (isMain(import.meta)) {
  const factor = 10;
  const pool = new Pool(2);
  console.log(await pool.map((x: number) => x * factor, [1, 2, 3]));
  pool.close();
  await pool.join();
}
`,
    prints: /^\[ 10, 20, 30 \]$/m,
  },
  {
    code: 'MC003',
    rule: 'unpicklable-argument',
    text: `import { Process, isMain } from 'manycore';

export function greet(options: { name: string; log?: () => void }): void {
  console.log('hello ' + options.name);
}

if (isMain(import.meta)) {
  const child = new Process({ target: greet, args: [{ name: 'Ada', log: () => console.log('never') }] });
  child.start();
  await child.join();
  console.log('exit code ' + child.exitCode);
}
`,
    prints: /^exit code 0$/m,
  },
  {
    code: 'MC004',
    rule: 'join-before-close',
    text: `import { Pool, isMain } from 'manycore';

export function half(x: number): number {
  return x / 2;
}

if (isMain(import.meta)) {
  const pool = new Pool(2);
  console.log(await pool.map(half, [2, 4]));
  await pool.join();
}
`,
    prints: /^\[ 1, 2 \]$/m,
  },
  {
    code: 'MC005',
    rule: 'nested-pool-in-daemon',
    text: `import { Pool, Process, isMain } from 'manycore';

export function third(x: number): number {
  return x / 3;
}

export async function fanOut(): Promise<void> {
  const pool = new Pool(2);
  console.log(await pool.map(third, [3, 6]));
  pool.close();
  await pool.join();
}

if (isMain(import.meta)) {
  const child = new Process({ target: fanOut, daemon: true });
  child.start();
  await child.join();
  console.log('exit code ' + child.exitCode);
}
`,
    prints: /^\[ 1, 2 \]\nexit code 0$/m,
  },
];
