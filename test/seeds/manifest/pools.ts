import type { SeedExample } from './types.js';

const pidAlone = { find: /^\d+$/, put: '<pid>', why: 'the task prints its process id alone on a line' };
const anyWorker = { find: /PoolWorker-\d+/, put: 'PoolWorker-<n>', why: 'two workers for each processor' };

export const pools: readonly SeedExample[] = [
  {
    name: 'pools/map-initializer',
    shows: 'map, and an initializer in each worker',
    lines: 'each at least once',
    before: [
      [/^(Input|Built-in)/, /^Pool/],
      [/^Starting/, /^Pool/],
    ],
    rules: [anyWorker],
  },
  {
    name: 'pools/max-tasks-per-child',
    shows: 'workers replaced after two tasks',
    lines: 'each at least once',
    atLeast: [/^Starting/, 5], // ten tasks, two for each worker
    before: [[/^(Input|Built-in)/, /^Pool/]],
    rules: [anyWorker],
  },
  {
    name: 'pools/messages',
    shows: 'five messages for three workers',
    lines: 'in any order',
    before: [[/^(msg|end|Mark)/, /^Sub-process/]],
    atOnce: { opens: /^msg/, closes: /^end/, limit: 3 },
  },
  { name: 'pools/auto-map', shows: 'a helper that maps', lines: 'in any order' },
  {
    name: 'pools/nested-pool',
    shows: 'the error of a pool in a pool',
    lines: 'in order',
    stderr: ['AssertionError', 'daemonic processes are not allowed to have children'],
  },
  {
    name: 'pools/ten-tasks',
    shows: 'ten tasks for three workers',
    lines: 'in any order',
    perProcess: /^(\d+) /,
    before: [[/^(\d+ |----start)/, /^-----end/]],
    atOnce: { opens: /^\d+ starts/, closes: /^\d+ is done/, limit: 3 },
    rules: [{ find: /it took \d+\.\d\d$/, put: 'it took <seconds>', why: 'the tasks sleep at random' }],
  },
  {
    name: 'pools/plain-queue',
    golden: 'pools/manager-queue',
    timed: true,
    shows: 'a queue given to tasks, where Python needs a manager',
    lines: 'in order',
  },
  {
    name: 'pools/executor',
    shows: 'an executor: futures, a map, a cancellation, a worker that ends',
    lines: 'in order',
  },
  { name: 'pools/five-at-once', shows: 'five processes for ten requests', lines: 'in order' },
  { name: 'pools/main-exits', shows: 'a pool that ends with the main process', lines: 'in order' },
  { name: 'pools/apply', shows: 'apply, one after the other', lines: 'in order', rules: [pidAlone] },
  {
    name: 'pools/apply-then-get',
    shows: 'the error of a get() on what apply() returned',
    lines: 'in order',
    rules: [pidAlone],
    stderrOurs: ['r.get is not a function'],
  },
  {
    name: 'pools/apply-async',
    shows: 'handles, long before results',
    lines: 'in any order',
    before: [[/^return/, /^hello/]],
    rules: [pidAlone],
  },
  {
    name: 'pools/apply-async-get',
    shows: 'get on each handle, in the order asked for',
    lines: 'in any order',
    perProcess: /^(return):/,
    before: Array.from({ length: 10 }, (_, i) => [RegExp(`^hello-${i}$`), RegExp(`^return: hello-${i}$`)] as const),
    rules: [pidAlone],
  },
  {
    name: 'pools/task-ids',
    shows: 'workers that are children of main',
    lines: 'in any order',
    before: [
      [/^Main/, /^(Run|wait)/],
      [/^(Run|wait)/, /^Done/],
    ],
  },
  { name: 'pools/parallel-map', shows: 'squares', lines: 'in order' },
];
