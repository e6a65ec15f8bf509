import { type RuleLevel } from '../protocol.js';
import { findRule } from './index.js';
import { type Rule, type Severity } from './rule.js';

export const LEVELS: readonly RuleLevel[] = ['default', 'off', 'error', 'warning', 'information', 'hint'];

export type Levels = ReadonlyMap<string, RuleLevel>;

/** Settings by code or name; what names no rule or no level is handed to `complain` and otherwise ignored. */
export function readLevels(
  settings: Record<string, unknown>,
  complain: (message: string) => void = () => undefined,
): Levels {
  const levels = new Map<string, RuleLevel>();
  for (const [key, value] of Object.entries(settings)) {
    const rule = findRule(key);
    const level = LEVELS.find(known => known === value);
    if (rule === undefined) complain(`there is no rule '${key}'`);
    else if (level === undefined) complain(`'${String(value)}' is no severity; use ${LEVELS.join(', ')}`);
    else levels.set(rule.code, level);
  }
  return levels;
}

export function severityOf(rule: Rule, levels: Levels): Severity | 'off' {
  const level = levels.get(rule.code) ?? 'default';
  return level === 'default' ? rule.severity : level;
}
