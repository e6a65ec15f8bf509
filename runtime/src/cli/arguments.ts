import { parseArgs } from 'node:util';

export const USAGE = `Looks after the running programs of this user that use manycore.

  manycore ps [pid …] [--json] [--watch] [--all]
                                             every process, pool and queue of every program,
                                             or of the programs that these processes belong to
  manycore kill <pid> [--tree] [--signal S]  ends a process; --tree: and all it started
  manycore stack <pid>                       the JavaScript stack of a running process

ps
  --json         the snapshots as JSON, one array a reading
  --watch, -w    once a second, until Ctrl-C
  --all          also all that has ended: processes and programs
kill
  --tree         the process first, then its descendants
  --signal S     SIGTERM (default), SIGKILL or SIGINT

  --help, -h     this text
  --version, -v  the version

Exit code: 0 done; 1 no such process, or it could not be done; 2 used wrongly.
NO_COLOR and FORCE_COLOR are honoured. MANYCORE_DIR says where the programs are, as it does for them.
`;

export const KILL_SIGNALS = ['SIGTERM', 'SIGKILL', 'SIGINT'] as const;
export type KillSignal = (typeof KILL_SIGNALS)[number];

export type Command =
  | { readonly name: 'help' | 'version' }
  | {
      readonly name: 'ps';
      readonly pids: readonly number[];
      readonly json: boolean;
      readonly watch: boolean;
      readonly all: boolean;
    }
  | { readonly name: 'kill'; readonly pid: number; readonly tree: boolean; readonly signal: KillSignal }
  | { readonly name: 'stack'; readonly pid: number };

const OPTIONS = {
  json: { type: 'boolean' },
  watch: { type: 'boolean', short: 'w' },
  all: { type: 'boolean' },
  tree: { type: 'boolean' },
  signal: { type: 'string' },
  help: { type: 'boolean', short: 'h' },
  version: { type: 'boolean', short: 'v' },
} as const;

/** Which options each command takes. */
const TAKES: Readonly<Record<string, readonly string[]>> = {
  ps: ['json', 'watch', 'all'],
  kill: ['tree', 'signal'],
  stack: [],
};

/** The command that is asked for, or what is wrong with the arguments. */
export function parseArguments(args: readonly string[]): Command | string {
  let parsed;
  try {
    parsed = parseArgs({ args: [...args], options: OPTIONS, allowPositionals: true });
  } catch (error) {
    return error instanceof Error ? (error.message.split(/\. /)[0] ?? '') : String(error);
  }
  const { values, positionals } = parsed;
  if (values.help === true) return { name: 'help' };
  if (values.version === true) return { name: 'version' };
  const [name, ...rest] = positionals;
  if (name === undefined) return 'a command is missing: ps, kill or stack';
  const takes = Object.hasOwn(TAKES, name) ? TAKES[name] : undefined;
  if (takes === undefined) return `there is no command '${name}': ps, kill or stack`;
  const stray = Object.keys(values).find(option => !takes.includes(option));
  if (stray !== undefined) return `'${name}' has no option --${stray}`;
  if (name === 'ps') {
    const wrong = rest.find(text => pidOf(text) === 0);
    if (wrong !== undefined) return `'${wrong}' is no process id`;
    return {
      name,
      pids: rest.map(pidOf),
      json: values.json === true,
      watch: values.watch === true,
      all: values.all === true,
    };
  }
  const [text, ...more] = rest;
  if (text === undefined) return `'${name}' needs a process id`;
  if (more.length > 0) return `'${name}' takes one process id`;
  const pid = pidOf(text);
  if (pid === 0) return `'${text}' is no process id`;
  if (name === 'stack') return { name, pid };
  const wanted = (values.signal ?? 'SIGTERM').toUpperCase();
  const signal = KILL_SIGNALS.find(one => one === wanted || one === `SIG${wanted}`);
  if (signal === undefined) return `--signal takes ${KILL_SIGNALS.join(', ')}, not '${values.signal}'`;
  return { name: 'kill', pid, tree: values.tree === true, signal };
}

/** 0 for what is none. */
function pidOf(text: string): number {
  const pid = /^[1-9]\d{0,9}$/.test(text) ? Number(text) : 0;
  return pid > 0x7fff_ffff ? 0 : pid;
}
