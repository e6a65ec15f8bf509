import { stripVTControlCharacters } from 'node:util';

/** What is printed comes from other programs: nothing of it may steer the terminal, and all of it has to line up. */

const UNPRINTABLE = /[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]+/g;

/** One line, without anything that moves a cursor or turns the direction of writing. */
export const plain = (text: string): string => stripVTControlCharacters(text).replace(UNPRINTABLE, ' ').trim();

const ASCII = /^[ -~]*$/;
const WIDE = /[\p{sc=Han}\p{sc=Hiragana}\p{sc=Katakana}\p{sc=Hangul}\p{Emoji_Presentation}\u3000-\u303f\uff01-\uff60]/u;
const NONE = /[\p{M}\u200b-\u200f\ufe00-\ufe0f]/u;
const widthOf = (char: string): number => (NONE.test(char) ? 0 : WIDE.test(char) ? 2 : 1);

/** How many columns of a terminal a plain text takes. */
export function width(text: string): number {
  if (ASCII.test(text)) return text.length;
  let columns = 0;
  for (const char of text) columns += widthOf(char);
  return columns;
}

/** The text in at most so many columns, with … where something is missing. */
export function cut(text: string, room: number): string {
  if (width(text) <= room) return text;
  let [kept, columns] = ['', 1];
  for (const char of text) {
    columns += widthOf(char);
    if (columns > room) break;
    kept += char;
  }
  return room > 0 ? `${kept}…` : '';
}

export type Style = 'bold' | 'dim' | 'red' | 'green' | 'yellow' | 'cyan';
const CODES: Readonly<Record<Style, readonly [number, number]>> = {
  bold: [1, 22],
  dim: [2, 22],
  red: [31, 39],
  green: [32, 39],
  yellow: [33, 39],
  cyan: [36, 39],
};

export function paint(text: string, style: Style | undefined): string {
  if (style === undefined || text === '') return text;
  const [on, off] = CODES[style];
  return `\u001b[${on}m${text}\u001b[${off}m`;
}

/** FORCE_COLOR (but '0') wins over NO_COLOR, as in Node itself; without them a terminal decides. */
export function wantsColour(stream: { readonly isTTY?: boolean }, env: NodeJS.ProcessEnv = process.env): boolean {
  const { FORCE_COLOR: forced, NO_COLOR: refused, TERM: terminal } = env;
  if (forced !== undefined) return forced !== '0' && forced !== 'false';
  return (refused ?? '') === '' && stream.isTTY === true && terminal !== 'dumb';
}

/** 940 ms, 4.2 s, 3m12s, 2h05m, 3d04h. */
export function duration(ms: number): string {
  const seconds = Math.max(0, ms) / 1000;
  const two = (value: number): string => String(Math.floor(value)).padStart(2, '0');
  if (seconds < 1) return `${Math.round(seconds * 1000)} ms`;
  if (seconds < 60) return `${(Math.floor(seconds * 10) / 10).toFixed(1)} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)}m${two(seconds % 60)}s`;
  if (seconds < 86_400) return `${Math.floor(seconds / 3600)}h${two((seconds % 3600) / 60)}m`;
  return `${Math.floor(seconds / 86_400)}d${two((seconds % 86_400) / 3600)}h`;
}

/** 1,234,567 */
export const grouped = (count: number): string => String(count).replace(/\B(?=(\d{3})+$)/g, ',');

export function size(bytes: number): string {
  const mib = bytes / 2 ** 20;
  return mib < 1024 ? `${mib.toFixed(1)} MiB` : `${(mib / 1024).toFixed(2)} GiB`;
}
