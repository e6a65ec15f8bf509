// What `npm run bench` runs, in this order. `file` is a module for harness/one.mjs; a `program` measures by itself and
// writes its rows to the JSON file that is its last argument.
export const benches = {
  sync: [{ file: 'sync/bench.mjs' }],
  queue: [{ program: 'queue.mjs' }, { file: 'queue/depth.mjs' }],
  pickle: [{ program: 'pickle.mjs' }],
  sharing: [{ file: 'sharing/bench.mjs' }],
  pool: [{ file: 'pool/bench.mjs' }],
  startup: [{ file: 'startup/bench.mjs' }],
};
