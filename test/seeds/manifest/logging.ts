import type { SeedExample } from './types.js';

const life = [
  '[INFO/Process-1] child process calling self.run()',
  '[INFO/Process-1] process shutting down',
  '[INFO/Process-1] process exiting with exitcode 0',
  '[INFO/MainProcess] process shutting down',
];

export const logging: readonly SeedExample[] = [
  {
    name: 'logging/log-to-stderr',
    shows: 'the log with every detail',
    lines: 'in order',
    stderr: [...life, '[DEBUG/Process-1] '],
  },
  { name: 'logging/get-logger', shows: 'the log at a level set on the logger', lines: 'in order', stderr: life },
];
