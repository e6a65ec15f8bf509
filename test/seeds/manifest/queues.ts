import type { SeedExample } from './types.js';

export const queues: readonly SeedExample[] = [
  { name: 'queues/class-instance', shows: 'an instance through a queue', lines: 'in order' },
  {
    name: 'queues/consumers',
    shows: 'tasks, consumers and poison pills',
    lines: 'each at least once',
    perProcess: /^(Result):/,
    before: [
      [/^Creating/, /^Consumer/],
      [/^Consumer/, /^Result/], // join() has waited for every taskDone()
    ],
    rules: [
      { find: /^Creating \d+/, put: 'Creating <n>', why: 'two consumers for each processor' },
      { find: /^Consumer-\d+/, put: 'Consumer-<n>', why: 'who takes which task is open, and how many there are' },
      { find: /^(Result: ).*/, put: '$1<answer>', why: 'they come in the order the tasks were finished in' },
    ],
  },
  { name: 'queues/put-get', shows: 'put and get', lines: 'in order' },
  { name: 'queues/pipe', shows: 'a pipe', lines: 'in order' },
  {
    name: 'queues/random-sleeps',
    shows: 'random producers, and run() called in the parent',
    lines: 'in order',
    rules: [{ find: /^\[42, [0-4], [0-3]\]$/, put: '<item>', why: 'which items come first is chance' }],
  },
];
