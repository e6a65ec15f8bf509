import { closureTarget } from './closure-target.js';
import { joinBeforeClose } from './join-before-close.js';
import { mainGuard } from './main-guard.js';
import { nestedPoolInDaemon } from './nested-pool-in-daemon.js';
import { type Rule } from './rule.js';
import { unpicklableArgument } from './unpicklable-argument.js';

/** Every rule, in the order of its code. */
export const rules: readonly Rule[] = [
  mainGuard,
  closureTarget,
  unpicklableArgument,
  joinBeforeClose,
  nestedPoolInDaemon,
];

export function findRule(codeOrName: string): Rule | undefined {
  const wanted = codeOrName.toLowerCase();
  return rules.find(rule => rule.code.toLowerCase() === wanted || rule.name === wanted);
}
