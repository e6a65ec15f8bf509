import { Pool, isMain } from 'manycore';

// Makes one thumbnail and says how large it became.
export function shrink(photo: string): number {
  return crunch(photo.length * 4_000_000);
}

if (isMain(import.meta)) {
  const quality = 80;
  const pool = new Pool(4);
  const photos = Array.from({ length: 400 }, (_, index) => `photo-${index}.jpg`);

  const sizes = await pool.map(shrink, photos);
  const names = await pool.map(photo => `${photo}@${quality}`, photos);

  console.log(sizes.length, names.length);
  pool.close();
  await pool.join();
}

function crunch(rounds: number): number {
  let sum = 0;
  for (let round = 0; round < rounds; round++) sum = (sum * 31 + round) % 1_000_003;
  return sum;
}
