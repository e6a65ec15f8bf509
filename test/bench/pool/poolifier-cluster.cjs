// CommonJS: its pool sends the first message at once, and a cluster worker that is still importing a module misses it.
// eslint-disable-next-line @typescript-eslint/no-require-imports
const { ClusterWorker } = require('poolifier');

const same = x => x;
const sameEach = xs => xs.map(same);

module.exports = new ClusterWorker({ same, sameEach });
