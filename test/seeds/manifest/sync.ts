import type { SeedExample } from './types.js';

export const sync: readonly SeedExample[] = [
  {
    name: 'sync/event',
    timed: true,
    shows: 'waiting for an event, with and without a timeout',
    lines: 'in any order',
    perProcess: /^(\w+):/,
    before: [
      [/^waitForEventTimeout: e.isSet/, /^main: event is set/],
      [/^main: waiting/, /^waitForEvent: e.isSet/],
    ],
  },
  { name: 'sync/lock', shows: 'a lock around a file', lines: 'in order', leaves: ['file.txt'] },
  {
    name: 'sync/condition',
    timed: true,
    shows: 'stages that wait for each other',
    lines: 'in any order',
    before: [
      [/^Starting/, /done and ready/],
      [/done and ready/, /running$/],
    ],
  },
  {
    name: 'sync/semaphore',
    shows: 'two permits for five',
    lines: 'in any order',
    perProcess: /^(\S+) /,
    atOnce: { opens: / acquire$/, closes: / release$/, limit: 2 },
  },
];
