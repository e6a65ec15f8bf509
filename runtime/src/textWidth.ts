import { stripVTControlCharacters } from 'node:util';

/** Text for a terminal that somebody else has written: nothing of it may steer the terminal, and all has to line up. */

const UNPRINTABLE = /[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]+/g;

/** One line, without anything that moves a cursor or turns the direction of writing. */
export const plain = (text: string): string => stripVTControlCharacters(text).replace(UNPRINTABLE, ' ').trim();

const ASCII = /^[ -~]*$/;
/** Made when first asked for: this one takes half a millisecond. */
let wide: RegExp | undefined;
const isWide = (char: string): boolean =>
  (wide ??=
    /[\p{sc=Han}\p{sc=Hiragana}\p{sc=Katakana}\p{sc=Hangul}\p{Emoji_Presentation}\u3000-\u303f\uff01-\uff60]/u).test(
    char,
  );
const NONE = /[\p{M}\u200b-\u200f\ufe00-\ufe0f]/u;
const widthOf = (char: string): number => (NONE.test(char) ? 0 : isWide(char) ? 2 : 1);

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
