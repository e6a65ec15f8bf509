import { readPrograms } from '../inspect/readProgram.js';
import type { ProcessSnapshot, ProgramSnapshot } from '../inspect/types.js';
import type { Page } from './columns.js';
import { openScreen } from './screen.js';
import { wantsColour } from './text.js';
import { view, type Share } from './view.js';

const EVERY = 1000;
export const NONE = 'no manycore programs are running';

export interface PsOptions {
  /** Of processes whose programs are wanted, each with all of its processes; none: all programs. */
  readonly pids: readonly number[];
  readonly json: boolean;
  readonly watch: boolean;
  readonly all: boolean;
}

/** Prints every program once, or again and again until a signal comes. 1 when no program has one of the `pids`. */
export async function ps({ pids, json, watch, all }: PsOptions): Promise<number> {
  const read = (): ProgramSnapshot[] =>
    readPrograms().filter(
      program => (all || program.alive) && (pids.length === 0 || pids.some(pid => has(program, pid))),
    );
  const found = pids.length === 0 ? [] : read();
  const stranger = pids.find(pid => !found.some(program => has(program, pid)));
  if (stranger !== undefined) {
    process.stderr.write(`manycore: no ${all ? '' : 'running '}program of this user has a process ${stranger}\n`);
    return 1;
  }
  const { stdout } = process;
  const usage = new Usage();
  const print = (): void => {
    const programs = read();
    usage.take(programs);
    stdout.write(json ? `${JSON.stringify(programs)}\n` : `${blocks(programs, usage.share, page(), all).join('\n')}\n`);
  };
  if (!watch) {
    print();
    return 0;
  }
  const ended = new Promise<void>(resolve => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve());
  });
  if (json || !stdout.isTTY) {
    print();
    const timer = setInterval(() => {
      if (!json) stdout.write('\n');
      print();
    }, EVERY);
    await ended;
    clearInterval(timer);
    return 0;
  }
  const screen = openScreen(stdout);
  let shown: readonly ProgramSnapshot[] = [];
  const draw = (): void => screen.show(blocks(shown, usage.share, page(), all));
  const look = (): void => {
    shown = read();
    usage.take(shown);
    draw();
  };
  // Ctrl-Z: the shell gets its screen back, and we ours when we go on.
  const stop = (): void => {
    screen.close();
    process.kill(process.pid, 'SIGSTOP');
  };
  // The terminal is being closed: what does not end of the signal itself, Node 20 aborts when it cannot reset it.
  const hangUp = (): void => {
    screen.close();
    process.kill(process.pid, 'SIGHUP');
  };
  process.once('SIGHUP', hangUp).on('SIGTSTP', stop).on('SIGCONT', look);
  // It may be gone before the signal that says so is here.
  stdout.on('resize', draw).once('error', hangUp);
  look();
  const timer = setInterval(look, EVERY);
  await ended;
  process.off('SIGHUP', hangUp).off('SIGTSTP', stop).off('SIGCONT', look);
  stdout.off('resize', draw).off('error', hangUp);
  clearInterval(timer);
  screen.close();
  return 0;
}

const has = ({ processes }: ProgramSnapshot, pid: number): boolean => processes.some(each => each.pid === pid);

function blocks(programs: readonly ProgramSnapshot[], share: Share, on: Page, all: boolean): string[] {
  if (programs.length === 0) return [NONE];
  const now = Date.now();
  return programs.flatMap((program, at) => [...(at === 0 ? [] : ['']), ...view(program, share, now, on, all)]);
}

/** A terminal's width; elsewhere lines are as long as they are, unless COLUMNS says otherwise. */
function page(): Page {
  const { stdout, env } = process;
  const asked = Number(env['COLUMNS']);
  return {
    // A terminal whose size nobody has set says 0.
    width: stdout.isTTY ? stdout.columns || 80 : asked > 0 ? asked : Infinity,
    colour: wantsColour(stdout),
  };
}

const key = ({ id }: ProgramSnapshot, { slot, generation }: ProcessSnapshot): string => `${id} ${slot} ${generation}`;

/** Processor time between two readings; in the first one, over the process's whole life. */
class Usage {
  #last = new Map<string, { readonly cpuMs: number; readonly at: number; readonly share: number }>();

  /** Takes note of a reading. */
  take(programs: readonly ProgramSnapshot[]): void {
    const at = Date.now();
    const before = this.#last;
    const now = (this.#last = new Map());
    for (const program of programs) {
      for (const process of program.processes) {
        const { cpuMs, startedAt } = process;
        if (cpuMs === null) continue;
        const name = key(program, process);
        const met = before.get(name) ?? { cpuMs: 0, at: startedAt, share: 0 };
        // Of many processes the system is asked in turns: what has not changed may just not be known yet.
        const fresh = cpuMs !== met.cpuMs || at - met.at > 2 * EVERY;
        const share = Math.max(0, (cpuMs - met.cpuMs) / Math.max(at - met.at, 1));
        now.set(name, fresh ? { cpuMs, at, share } : met);
      }
    }
  }

  /** Up to the last reading. */
  readonly share: Share = (program, process) => this.#last.get(key(program, process))?.share;
}
