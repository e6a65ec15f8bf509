// map() on a pool gives what map() on an array gives. Each worker runs the initializer once, before its first task.
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

  const pool = new Pool({ processes: cpuCount() * 2, initializer: startProcess });
  const poolOutputs = await pool.map(doCalculation, inputs);
  pool.close(); // no more tasks
  await pool.join(); // until the workers have ended

  console.log(`Pool    : [${poolOutputs.join(', ')}]`);
}
