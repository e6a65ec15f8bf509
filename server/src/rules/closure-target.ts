import { exportFix } from '../fix/exporting.js';
import { extractFix } from '../fix/extract.js';
import { unbindFix } from '../fix/unbind.js';
import { type Captured, type TargetUse } from '../model/types.js';
import { defineRule, type Finding } from './rule.js';

export const closureTarget = defineRule<TargetUse, 'closure' | 'captures' | 'bound' | 'method' | 'unexported'>({
  name: 'closure-target',
  code: 'MC002',
  severity: 'error',
  needs: 'program',
  docs: {
    summary:
      'a target that no child can import: an arrow or nested function, a method, a function that is not exported',
    fixes: 'export it; extract it to an exported function, with captured variables as arguments',
  },
  messages: {
    closure:
      '{runner} is given {shape}{name}. A child imports its target by module and name, so it has to be an exported top-level function.',
    captures:
      '{runner} is given {shape}{name} that captures {captured}. A child imports its target by module and name: make it an exported top-level function and pass {captured} as {plural}.',
    bound:
      "{runner} is given the bound function '{name}', which no module exports. Pass an exported function and its arguments instead.",
    method:
      "{runner} is given the method '{name}', which loses its object on the way to the child. Pass an exported function and the object as an argument.",
    unexported:
      "{runner} is given '{name}', which its module does not export. A child imports its target by module and name: export it.",
  },
  *check({ facts, say }) {
    for (const use of facts.targets) {
      const { form, runner, span, via } = use;
      const who = runner.role === 'initializer' ? `The initializer of ${runner.name}` : runner.name;
      const finding = (message: string, related: Finding['related'] = []): Finding<TargetUse> => ({
        span,
        message,
        related: [...related, ...via],
        data: use,
      });
      switch (form.kind) {
        case 'closure': {
          const shape = `${form.shape === 'arrow function' ? 'an' : 'a'} ${form.shape}`;
          const values = { runner: who, shape, name: form.name === undefined ? '' : ` '${form.name}'` };
          const captured = form.captured.filter(({ kind }) => kind !== 'type');
          if (captured.length === 0) yield finding(say('closure', values));
          else
            yield finding(
              say('captures', {
                ...values,
                captured: names(captured),
                plural: captured.length === 1 ? 'an argument' : 'arguments',
              }),
              related(captured),
            );
          break;
        }
        case 'method':
          yield finding(say(form.bound ? 'bound' : 'method', { runner: who, name: form.text }));
          break;
        case 'unexported':
          yield finding(say('unexported', { runner: who, name: form.name }), [
            { span: form.declaration, message: `'${form.name}' is declared here` },
          ]);
          break;
        case 'importable':
        case 'parameter':
        case 'unknown':
          break;
      }
    }
  },
  fix(finding, document) {
    const { form } = finding.data;
    if (form.kind === 'unexported') return exportFix(document, form);
    if (form.kind === 'closure') return extractFix(document, form, finding.data);
    return form.kind === 'method' && form.bound ? unbindFix(document, finding.data) : [];
  },
});

function names(captured: readonly Captured[]): string {
  const quoted = captured.map(({ name }) => `'${name}'`);
  return quoted.length < 2 ? quoted.join('') : `${quoted.slice(0, -1).join(', ')} and ${quoted.at(-1) ?? ''}`;
}

function related(captured: readonly Captured[]): Finding['related'] {
  return captured.flatMap(({ name, declaration }) =>
    declaration === undefined
      ? []
      : [{ span: declaration, message: `'${name}' is declared here, outside the function` }],
  );
}
