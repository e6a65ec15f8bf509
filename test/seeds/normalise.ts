/**
 * The rules that make what CPython printed and what an example prints comparable. Each is applied to both sides, line by
 * line; whatever no rule names has to be equal to the letter. Few on purpose: an example prints Python's own text where
 * that is natural in TypeScript.
 */
export interface Rule {
  readonly find: RegExp;
  readonly put: string | ((match: string, ...groups: string[]) => string);
  readonly why: string;
}

export const rules: readonly Rule[] = [
  {
    find: /\b(pid=|parent=|pid: |ppid: |process id is |Main Process pid |(?:Starting|Exiting ): \S+ )\d+/g,
    put: '$1<pid>',
    why: 'process ids differ from run to run',
  },
  { find: /\(\d+\)/g, put: '(<pid>)', why: 'process ids, in the programs that print them in brackets' },
  { find: /\b(True|False)\b/g, put: word => word.toLowerCase(), why: 'booleans are written in lower case' },
  {
    find: /\b[a-z]+(?:_[a-z]+)+\b/g,
    put: name => name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase()),
    why: 'functions and methods are camelCase, and some programs print their names',
  },
  { find: /^ +/g, put: '', why: 'a name of another length is padded by another number of blanks' },
  {
    find: /\bSpawn(?=PoolWorker-)/g,
    put: '',
    why: 'Python puts its start method into the name of a worker; there is only one here',
  },
  {
    find: /<multiprocessing\.pool\.ApplyResult object at 0x[0-9a-f]+>/g,
    put: '<AsyncResult pending>',
    why: 'the class has its documented name here, no address, and says that there is no result yet',
  },
];

/** The lines of a text after all rules, the program's own ones first. Empty lines and blanks at an end do not count. */
export function normalise(text: string, own: readonly Rule[] = []): string[] {
  const lines = text.split('\n').flatMap(line => [...own, ...rules].reduce(applied, line).split('\n'));
  return lines.map(line => line.trimEnd()).filter(line => line !== '');
}

function applied(line: string, { find, put }: Rule): string {
  // TypeScript keeps the two forms of `replace` apart.
  return typeof put === 'string' ? line.replace(find, put) : line.replace(find, put);
}
