import { inspect } from 'node:util';
import { ValueError } from '../errors.js';

/** Python's levels: a record is shown when its number is at least the logger's. */
export const Level = {
  NOTSET: 0,
  SUBDEBUG: 5,
  DEBUG: 10,
  INFO: 20,
  SUBWARNING: 25,
  WARNING: 30,
  ERROR: 40,
  CRITICAL: 50,
} as const;
export type LevelName = keyof typeof Level;

/** What a level may be given as: its name in either case, or any number of one's own. */
export type LevelLike = LevelName | Lowercase<LevelName> | number;

/** The number of a level. Throws ValueError for a name that is none, TypeError for what is neither name nor number. */
export function levelNumber(level: LevelLike): number {
  if (typeof level === 'number' && !Number.isNaN(level)) return level;
  const number: unknown = typeof level === 'string' ? Reflect.get(Level, level.toUpperCase()) : undefined;
  if (typeof number === 'number') return number;
  const text = `unknown log level ${inspect(level)}: a level is a number, or ${Object.keys(Level).join(', ')}`;
  throw typeof level === 'string' ? new ValueError(text) : new TypeError(text);
}

/** `INFO` for 20; `Level 32` for a number without a name, as Python writes it. */
export function levelName(number: number): string {
  return Object.entries(Level).find(([, value]) => value === number)?.[0] ?? `Level ${number}`;
}
