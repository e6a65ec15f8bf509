import { ts } from '@ts-morph/common';
import { argumentShape, constructionOf, daemonic, type RuntimeCall, type RuntimeNew, runtimeUses } from './calls.js';
import { type Forwarders } from './forward.js';
import { type Pickle } from './pickle.js';
import { earlyJoins } from './poolLife.js';
import { moduleKind } from './moduleKind.js';
import { sendsOf } from './sends.js';
import { type Symbols } from './symbols.js';
import { type Targets } from './targets.js';
import { memberValue, spanOf } from './syntax.js';
import { type Constructed, type FileFacts, type Runner, type TargetUse } from './types.js';

export interface ModelParts {
  symbols: Symbols;
  targets: Targets;
  pickle: Pickle;
  forwarders: Forwarders;
  options: ts.CompilerOptions;
}

/** Runs once a file: every use of the runtime in it, as plain facts. */
export function fileFacts(source: ts.SourceFile, parts: ModelParts): FileFacts {
  const { symbols } = parts;
  const { news, calls } = runtimeUses(source, symbols);
  return {
    file: source.fileName,
    moduleKind: moduleKind(source, parts.options),
    targets: [...directTargets(news, calls, parts), ...parts.forwarders.usesIn(source)],
    sends: sendsOf(news, calls, parts),
    constructed: news.flatMap(made => subclassRun(made, symbols)),
    earlyJoins: earlyJoins(calls, symbols),
  };
}

export function directTargets(
  news: readonly RuntimeNew[],
  calls: readonly RuntimeCall[],
  { symbols, targets }: Pick<ModelParts, 'symbols' | 'targets'>,
): TargetUse[] {
  const found: TargetUse[] = [];
  for (const made of news) {
    const option = made.api.target?.option;
    const target = option === undefined || made.options === undefined ? undefined : memberValue(made.options, option);
    if (target === undefined) continue;
    found.push({
      span: spanOf(target),
      call: spanOf(made.node),
      form: targets.formOf(target),
      runner: newRunner(made, symbols),
      via: [],
      args: argumentShape(made),
    });
  }
  for (const call of calls) {
    const target = call.api.target === undefined ? undefined : call.node.arguments[call.api.target];
    if (target === undefined || ts.isSpreadElement(target)) continue;
    found.push({
      span: spanOf(target),
      call: spanOf(call.node),
      form: targets.formOf(target),
      runner: callRunner(call, symbols),
      via: [],
      args: argumentShape(call),
    });
  }
  return found;
}

function newRunner(made: RuntimeNew, symbols: Symbols): Runner {
  const pool = made.api.kind === 'pool';
  return {
    name: made.name,
    kind: pool ? 'pool' : 'process',
    role: pool ? 'initializer' : 'target',
    member: 'new',
    daemonic: daemonic(made, symbols),
    construction: spanOf(made.node),
  };
}

function callRunner(call: RuntimeCall, symbols: Symbols): Runner {
  const made = constructionOf(call.receiver, symbols);
  const here = made !== undefined && made.node.getSourceFile() === call.node.getSourceFile();
  return {
    name: `${call.owner}.${call.name}`,
    kind: 'pool',
    role: 'target',
    member: call.name,
    daemonic: made === undefined ? 'unknown' : daemonic(made, symbols),
    construction: here ? spanOf(made.node) : undefined,
  };
}

/** `class Worker extends Process { run() { … } }` runs its own method in the child. */
function subclassRun(made: RuntimeNew, symbols: Symbols): Constructed[] {
  if (made.api.kind !== 'process' || made.subclass === undefined) return [];
  const run = made.subclass.members.find(
    member => ts.isMethodDeclaration(member) && member.name.getText() === 'run' && member.body !== undefined,
  );
  if (run === undefined) return [];
  const runner: Runner = { ...newRunner(made, symbols), role: 'run' };
  return [{ span: spanOf(made.node), runner, run: spanOf(run), name: made.subclass.name?.text ?? 'the class' }];
}
