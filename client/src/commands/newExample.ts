import * as vscode from 'vscode';

const example = `// Save this file, then choose "Run in pool" above the function, or run the file with Node.
import { Pool, isMain } from 'manycore';

/** How many primes there are below \`limit\`; slow on purpose. */
export function countPrimes(limit: number): number {
  let count = 0;
  for (let candidate = 2; candidate < limit; candidate++) {
    let prime = true;
    for (let divisor = 2; divisor * divisor <= candidate && prime; divisor++) prime = candidate % divisor !== 0;
    if (prime) count++;
  }
  return count;
}

if (isMain(import.meta)) {
  await using pool = new Pool();
  console.log(await pool.map(countPrimes, [1_000_000, 2_000_000, 3_000_000, 4_000_000]));
}
`;

/** Opens a small program to begin with. Nothing is written anywhere until it is saved. */
export const newExample = () => async () => {
  const document = await vscode.workspace.openTextDocument({ language: 'typescript', content: example });
  await vscode.window.showTextDocument(document);
};
