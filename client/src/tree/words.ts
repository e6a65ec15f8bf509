import type { PoolSnapshot, ProcessSnapshot, ProgramSnapshot } from 'manycore/inspect';
import * as path from 'node:path';
import type { Face } from './node.js';

/** How things are called on the screen: words, numbers, icons. */

const megabytes = (bytes: number) => `${Math.round(bytes / 1048576)} MB`;

/** Joins what there is to say; what is unknown is left out. */
const line = (...parts: (string | null | false)[]) =>
  parts.filter(part => part !== null && part !== false && part !== '').join(' · ');

const counted = (count: number, one: string, many = `${one}s`) => `${count} ${count === 1 ? one : many}`;

export function stateWord(process: ProcessSnapshot): string {
  if (process.state === 'died' || process.state === 'exited') return deathWord(process);
  if (process.state === 'waiting' && process.waitingFor) return `waiting for ${waitWord(process.waitingFor)}`;
  return process.state;
}

/** `queue get uploads`, `process Process-3`, `lock #5`: the same one has the same number. */
function waitWord({ kind, name }: NonNullable<ProcessSnapshot['waitingFor']>): string {
  const words = kind.replace(/[A-Z]/g, letter => ` ${letter.toLowerCase()}`);
  return name ? `${words} ${name.replaceAll('\n', ' ')}` : words;
}

function deathWord({ state, signal, exitCode }: ProcessSnapshot): string {
  if (signal) return `died: ${signal}`;
  if (exitCode === null) return state === 'died' ? 'died' : 'ended';
  if (exitCode < 0) return `died: signal ${-exitCode}`;
  return exitCode === 0 ? 'exited' : `died: exit code ${exitCode}`;
}

/** Ended in a way that somebody should look at. */
export const endedBadly = ({ state, signal, exitCode }: ProcessSnapshot) =>
  state === 'died' || Boolean(signal) || (state === 'exited' && exitCode !== null && exitCode !== 0);

export function stateIcon(process: ProcessSnapshot): Face['icon'] {
  if (endedBadly(process)) return { id: 'error', color: 'charts.red' };
  switch (process.state) {
    case 'starting':
      return { id: 'loading~spin' };
    case 'running':
    case 'busy':
      return { id: 'circle-filled', color: 'charts.green' };
    case 'idle':
    case 'spare':
      return { id: 'circle-outline', color: 'charts.green' };
    case 'waiting':
      return { id: 'watch', color: 'charts.yellow' };
    case 'exited':
    case 'died':
      return { id: 'circle-slash', color: 'disabledForeground' };
  }
}

export function processLine(process: ProcessSnapshot, cpu: number | null): string {
  const dead = process.state === 'exited' || process.state === 'died';
  const tasks = process.kind === 'worker' || process.tasksDone > 0 ? `${process.tasksDone} done` : null;
  return line(
    stateWord(process),
    process.pid > 0 && `pid ${process.pid}`,
    !dead && cpu !== null && `${cpu} %`,
    !dead && process.rssBytes !== null && megabytes(process.rssBytes),
    tasks,
    process.tasksFailed > 0 && `${process.tasksFailed} failed`,
  );
}

const grouped = (count: number) => count.toLocaleString('en');

/** `1,234 of 10,000 · 12 %` while a call runs that says how many inputs it has; else what the pool has done in all. */
function poolProgress({ progress, done, submitted }: PoolSnapshot): string {
  if (progress === null) return `${grouped(done)}/${grouped(submitted)} done`;
  return progress.total === null ? `${grouped(progress.done)} done so far` : share(progress.done, progress.total);
}

/** How far something is, the same in the tree and in a notification. */
export const share = (done: number, total: number) =>
  line(`${grouped(done)} of ${grouped(total)}`, total > 0 && `${Math.floor((done / total) * 100)} %`);

export function poolLine(pool: PoolSnapshot): string {
  return line(
    pool.state !== 'running' && pool.state,
    counted(pool.workers, 'worker'),
    poolProgress(pool),
    pool.queued > 0 && `${pool.queued} queued`,
    pool.failed > 0 && `${pool.failed} failed`,
  );
}

/** The file it was started with; for what the code lens started, the function that it runs. */
export function programLabel(program: ProgramSnapshot): string {
  const file = path.basename(program.entry.replace(/^file:\/\//, ''));
  const [module, name] = program.argv;
  if (file === 'runner.cjs' && module !== undefined && name !== undefined) {
    return `${name} in ${path.basename(module)}`;
  }
  return file || `program ${program.mainPid}`;
}

export function programLine(program: ProgramSnapshot, living: number): string {
  return program.alive
    ? line(counted(living, 'process', 'processes'), `pid ${program.mainPid}`)
    : line('ended', `pid ${program.mainPid}`);
}

/** Text between backticks that cannot break out of them. */
const code = (text: string) => `\`${text.replaceAll('`', 'ˋ').replaceAll('\n', ' ')}\``;

const clock = (epochMs: number) => new Date(epochMs).toLocaleTimeString();

export function processTooltip(process: ProcessSnapshot): string {
  const rows = [
    `**${process.name.replaceAll('*', '')}** — ${stateWord(process)}`,
    `pid ${process.pid}, parent ${process.parentPid}${process.daemon ? ', daemon' : ''}`,
    `started ${clock(process.startedAt)}${process.endedAt === null ? '' : `, ended ${clock(process.endedAt)}`}`,
  ];
  if (process.target) rows.push(`target ${code(process.target)}`);
  if (process.task) rows.push(`task ${code(process.task)}`);
  if (process.kind === 'worker' || process.tasksDone + process.tasksFailed > 0) {
    rows.push(`${counted(process.tasksDone, 'task')} done, ${process.tasksFailed} failed`);
  }
  if (process.waitingFor)
    rows.push(`waits for ${code(waitWord(process.waitingFor))} since ${clock(process.waitingFor.sinceMs)}`);
  if (process.signal) rows.push(`ended by signal ${process.signal}`);
  else if (process.exitCode !== null) rows.push(`exit code ${process.exitCode}`);
  const tail = process.stderrTail.trimEnd();
  const stderr = tail ? `\n\nlast words on stderr:\n\n\`\`\`\n${tail.replaceAll('```', "'''")}\n\`\`\`` : '';
  return rows.join('  \n') + stderr;
}

export function programTooltip(program: ProgramSnapshot): string {
  return [
    `**${programLabel(program)}** — ${program.alive ? 'running' : 'ended'}`,
    `entry ${code(program.entry)}`,
    `in ${code(program.cwd)}`,
    program.argv.length > 0 ? `arguments ${code(program.argv.join(' '))}` : '',
    `started ${clock(program.startedAt)}, Node ${program.nodeVersion}, manycore ${program.version}`,
  ]
    .filter(Boolean)
    .join('  \n');
}

export function poolTooltip(pool: PoolSnapshot): string {
  return [
    `**${pool.name.replaceAll('*', '')}** — ${pool.state}`,
    `${pool.workers} of ${pool.size} workers`,
    pool.progress === null ? '' : `now at ${poolProgress(pool)}`,
    `${pool.submitted} tasks submitted: ${pool.done} done, ${pool.failed} failed, ${pool.running} running, ${pool.queued} queued`,
  ]
    .filter(Boolean)
    .join('  \n');
}
