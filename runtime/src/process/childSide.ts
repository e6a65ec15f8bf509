import { decodeAsync } from '../pickle/index.js';
import { isChildProcess, mainProcess, whenBecomes, type CurrentProcess } from './current.js';
import { registerEntry } from './starting/entries.js';
import { log } from './hooks.js';
import { Incarnation, Process, PROCESS_ENTRY } from './process.js';
import type { ProcessPayload } from './payload.js';
import { whileImporting } from './unguarded.js';

let current: Process | undefined;
whenBecomes(() => (current = undefined));

/** The process this code runs in (Python: `multiprocessing.current_process`); in `run`, the same object as `this`. */
export function currentProcess(): CurrentProcess {
  if (!isChildProcess()) return mainProcess;
  return (current ??= new Process(new Incarnation())) as CurrentProcess;
}

registerEntry(PROCESS_ENTRY, async bytes => {
  const payload = (await whileImporting(() => decodeAsync(bytes))) as ProcessPayload;
  const self = incarnate(payload);
  current = self;
  log('info', 'child process calling self.run()');
  await self.run();
});

/** The object of a subclass is made without calling its constructor, which has run in the parent. */
function incarnate({ Class, fields, target, args }: ProcessPayload): Process {
  const NewTarget = (Class ?? Process) as new () => Process;
  const self = Reflect.construct(Process, [new Incarnation(target, [...args])], NewTarget) as Process;
  return Object.assign(self, fields);
}
