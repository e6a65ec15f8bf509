import { undaemonFixes } from '../fix/undaemon.js';
import { type Related, type Runner } from '../model/types.js';
import { defineRule } from './rule.js';

export const nestedPoolInDaemon = defineRule<Runner, 'task' | 'process' | 'run'>({
  name: 'nested-pool-in-daemon',
  code: 'MC005',
  severity: 'error',
  needs: 'program',
  docs: {
    summary: 'a pool or process started, at any depth of calls, by a pool task or by the target of a daemonic process',
    fixes: '`daemon: false` for the outer pool or process',
  },
  messages: {
    task: "'{name}' starts a process or pool of its own, but the workers of a Pool are daemonic and may not have children.",
    process:
      "'{name}' starts a process or pool of its own, but it is the target of a daemonic process, which may not have children.",
    run: "'{name}' starts a process or pool of its own in run(), but it is made daemonic and may not have children.",
  },
  *check({ facts, oracle, say }) {
    for (const { form, runner, span, via } of facts.targets) {
      if (
        runner.daemonic !== 'yes' ||
        (form.kind !== 'importable' && form.kind !== 'unexported' && form.kind !== 'closure')
      )
        continue;
      const fn = form.kind === 'closure' ? form.declaration : form.fn;
      const chain = fn === undefined ? undefined : oracle.startChain(fn);
      if (chain === undefined) continue;
      const name = form.kind === 'importable' ? form.exportName : (form.name ?? 'this function');
      yield {
        span,
        message: say(runner.kind === 'pool' ? 'task' : 'process', { name }),
        related: [...via, ...chain],
        data: runner,
      };
    }
    for (const { run, runner, span, name } of facts.constructed) {
      const chain: Related[] | undefined = runner.daemonic === 'yes' ? oracle.startChain(run) : undefined;
      if (chain !== undefined) yield { span, message: say('run', { name }), related: chain, data: runner };
    }
  },
  fix: (finding, document) => undaemonFixes(document, finding.data),
});
