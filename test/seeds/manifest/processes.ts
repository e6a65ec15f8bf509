import type { SeedExample } from './types.js';

export const processes: readonly SeedExample[] = [
  { name: 'processes/worker', shows: 'five workers', lines: 'in any order' },
  { name: 'processes/worker-args', shows: 'arguments', lines: 'in any order' },
  { name: 'processes/importable-target', shows: 'a target in a module of its own', lines: 'in any order' },
  {
    name: 'processes/names',
    shows: 'names, given and default',
    lines: 'in any order',
    perProcess: /^(.*) (?:Starting|Exiting)$/,
  },
  {
    name: 'processes/daemon',
    timed: true,
    shows: 'a daemon that is ended with the program',
    lines: 'in any order',
    perProcess: /: (\S+)/,
  },
  {
    name: 'processes/daemon-join',
    shows: 'a daemon that is joined',
    lines: 'in any order',
    perProcess: /: (.*)$/,
  },
  {
    name: 'processes/daemon-join-timeout',
    timed: true,
    shows: 'a daemon that outlives a join',
    lines: 'in any order',
    perProcess: /: (.*)$/,
  },
  {
    name: 'processes/terminate',
    shows: 'what a process object says around terminate()',
    lines: 'in order',
    maybe: /^Starting worker$/, // it may or may not get that far
  },
  {
    name: 'processes/exit-codes',
    shows: 'exit codes',
    lines: 'in order',
    stderr: ['There was an error!', 'Process raises:'],
  },
  { name: 'processes/subclass', shows: 'a subclass with run()', lines: 'in any order' },
  { name: 'processes/show-name', shows: 'one process', lines: 'in order' },
  { name: 'processes/subclass-constructor', shows: 'a subclass that names itself', lines: 'in any order' },
];
