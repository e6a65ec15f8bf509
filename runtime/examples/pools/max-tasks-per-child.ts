// A worker that has done its share of tasks ends and a fresh one takes its place: what it hoarded is given back.
import { Pool, cpuCount, currentProcess, isMain } from 'manycore';

export function doCalculation(data: number): number {
  return data * 2;
}

export function startProcess(): void {
  console.log('Starting', currentProcess().name);
}

if (isMain(import.meta)) {
  const inputs = Array.from({ length: 10 }, (_, i) => i);
  console.log(`Input   : [${inputs.join(', ')}]`);

  const builtinOutputs = inputs.map(doCalculation);
  console.log(`Built-in: [${builtinOutputs.join(', ')}]`);

  const pool = new Pool({ processes: cpuCount() * 2, initializer: startProcess, maxTasksPerChild: 2 });
  const poolOutputs = await pool.map(doCalculation, inputs);
  pool.close();
  await pool.join();

  console.log(`Pool    : [${poolOutputs.join(', ')}]`);
}
