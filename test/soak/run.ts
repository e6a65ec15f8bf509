// `npm run soak [-- seconds]`: a program does the same again and again for so long, and must not grow.
import { isMain } from 'manycore';
import { growth } from './gauge.js';
import { soak } from './soak.js';

if (isMain(import.meta)) {
  const seconds = Number(process.argv[2] ?? 600);
  if (!(seconds > 0)) throw new Error(`'${process.argv[2]}' is no number of seconds`);
  const round = { tasks: 50_000, starts: 20, messages: 2_000 };
  const { readings, totals } = await soak({ until: performance.now() + seconds * 1000, round, told: console.log });
  const grown = growth(readings);
  for (const what of grown) console.error(`FAILED: ${what}`);
  console.log(
    `${readings.length} rounds: ${totals.tasks} tasks, ${totals.starts} processes, ${totals.messages} messages`,
  );
  process.exitCode = grown.length === 0 ? 0 : 1;
}
