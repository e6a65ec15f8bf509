/** A replacement in one text; offsets in UTF-16 units, `end` exclusive. */
export interface TextEdit {
  start: number;
  end: number;
  text: string;
}

function same(a: TextEdit, b: TextEdit): boolean {
  return a.start === b.start && a.end === b.end && a.text === b.text;
}

/** In order of place; an edit that is there already is not added again. */
export function normalizeEdits(edits: readonly TextEdit[]): TextEdit[] {
  const sorted = [...edits].sort((a, b) => a.start - b.start || a.end - b.end);
  return sorted.filter((edit, index) => {
    const before = sorted[index - 1];
    return before === undefined || !same(before, edit);
  });
}

/** Whether two sets of edits touch the same text, other than by wanting the very same edit (an import, say). */
export function overlap(a: readonly TextEdit[], b: readonly TextEdit[]): boolean {
  return a.some(one => b.some(other => !same(one, other) && one.start <= other.end && other.start <= one.end));
}

export function applyEdits(text: string, edits: readonly TextEdit[]): string {
  let result = '';
  let at = 0;
  for (const edit of normalizeEdits(edits)) {
    if (edit.start < at) throw new Error('edits overlap');
    result += text.slice(at, edit.start) + edit.text;
    at = edit.end;
  }
  return result + text.slice(at);
}

/** All edits as one replacement, as tools want it that know only one (ESLint's shape). */
export function asOne(text: string, edits: readonly TextEdit[]): { range: [number, number]; text: string } | undefined {
  const sorted = normalizeEdits(edits);
  const first = sorted[0];
  const last = sorted.at(-1);
  if (first === undefined || last === undefined) return undefined;
  const moved = sorted.map(edit => ({ ...edit, start: edit.start - first.start, end: edit.end - first.start }));
  return { range: [first.start, last.end], text: applyEdits(text.slice(first.start, last.end), moved) };
}
