// bench:sharing: memory that is shared, not copied.
import { notBuilt } from '../harness/measure.mjs';

export async function open() {
  return {
    cases: [
      notBuilt({
        ...{ id: 'sharing.array', name: 'Array or SharedMemory of 64 MiB handed to 4 workers', unit: 'ms' },
        targets: [
          { against: 'Node IPC', bound: '≤', value: 1 / 50 },
          { against: 'piscina, with a copy', bound: '≤', value: 1 / 50 },
        ],
      }),
    ],
  };
}
