import { cut, paint, width, type Style } from './text.js';

export interface Cell {
  readonly text: string;
  readonly style?: Style | undefined;
}

export interface Column {
  readonly title: string;
  readonly align?: 'right';
  /** A longer text loses its end. */
  readonly most?: number;
  /** Goes first (1), second (2) … where the page is too narrow for all; without it the column stays. */
  readonly spare?: number;
}

/** The last column says what matters most, and wants so much room. */
const LAST = 40;

export interface Page {
  /** Columns of the terminal; Infinity when nobody counts them. */
  readonly width: number;
  readonly colour: boolean;
}

/** Rows below their titles, two spaces apart; a column in which no row has anything is left out. */
export function table(columns: readonly Column[], rows: readonly (readonly Cell[])[], page: Page): string[] {
  const head = columns.map<Cell>(({ title }) => ({ text: title, style: 'dim' }));
  const room = columns.map(({ most = Infinity }, at) =>
    Math.min(most, Math.max(...[head, ...rows].map(row => width(row[at]?.text ?? '')))),
  );
  const used = columns.map((_, at) => rows.some(row => (row[at]?.text ?? '') !== ''));
  const needed = (): number =>
    room
      .slice(0, -1)
      .reduce((sum, own, at) => sum + (used[at] === true ? own + 2 : 0), Math.min(LAST, room.at(-1) ?? 0));
  const spare = [...columns.entries()].filter(([, { spare }]) => spare !== undefined);
  for (const [at] of spare.sort(([, a], [, b]) => (a.spare ?? 0) - (b.spare ?? 0))) {
    if (needed() > page.width) used[at] = false;
  }
  return [head, ...rows].map(row =>
    line(
      columns.flatMap<Cell>(({ align }, at) => {
        if (used[at] !== true) return [];
        const { text, style } = row[at] ?? { text: '' };
        const shown = cut(text, room[at] ?? 0);
        const space = ' '.repeat((room[at] ?? 0) - width(shown));
        return [{ text: align === 'right' ? space + shown : shown + space, style }];
      }),
      page,
    ),
  );
}

/** Cells one after the other in one line of the page. */
export function line(cells: readonly Cell[], page: Page): string {
  let left = page.width;
  let printed = '';
  const last = cells.length - 1;
  for (const [at, { text, style }] of cells.entries()) {
    const gap = at === 0 ? '' : '  ';
    const whole = gap + (at === last ? text.trimEnd() : text);
    const shown = cut(whole, left);
    printed += page.colour ? gap + paint(shown.slice(gap.length), style) : shown;
    left -= width(shown);
    if (shown !== whole) break;
  }
  return printed.trimEnd();
}
