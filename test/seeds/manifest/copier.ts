import type { SeedExample } from './types.js';

export const copier: readonly SeedExample[] = [
  {
    name: 'copier/copy-folder',
    shows: 'how far a copy is',
    lines: 'in order',
    folder: 'photos',
    args: ['photos'],
    onlyOurs: /^Copied 3 of 3 files/, // the summary
    rules: [
      { find: /^Folder to copy:/, put: '', why: 'the example takes the folder from its arguments' },
      { find: /\r/g, put: '\n', why: 'Python paints over one line, a log gets a line each' },
      { find: /\([abc]\.txt\)/g, put: '(<file>)', why: 'which of three equal files is done first is open' },
    ],
  },
];
