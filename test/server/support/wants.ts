import { type Checker, Lines } from 'manycore-check';

export interface Want {
  line: number;
  code: string;
  text: string;
}

/** The `// want MC002: text` comments of a text; lines count from 1. */
export function wantsIn(text: string): Want[] {
  return text.split('\n').flatMap((line, index) => {
    const comments = line.split('// want ').slice(1);
    return comments.map(comment => {
      const at = comment.indexOf(':');
      return { line: index + 1, code: comment.slice(0, at), text: comment.slice(at + 1).trim() };
    });
  });
}

/** Fixtures say what they want in comments; golden files are what is left when the comments and the problems are gone. */
export function withoutWants(text: string): string {
  return text.replaceAll(/ *\/\/ want MC\d+:.*$/gm, '');
}

/** What the checker says about a file, one line each, as `line code message`. */
export function saidAbout(checker: Checker, file: string): string[] {
  const lines = new Lines(checker.store.read(file) ?? '');
  return checker
    .check(file)
    .map(
      ({ rule, finding }) => `${String(lines.position(finding.span.start).line + 1)} ${rule.code} ${finding.message}`,
    );
}

/** Where wants and findings differ; empty when they agree. */
export function differences(said: readonly string[], wants: readonly Want[]): string[] {
  const left = [...said];
  const missing: string[] = [];
  for (const { line, code, text } of wants) {
    const at = left.findIndex(entry => entry.startsWith(`${String(line)} ${code} `) && entry.includes(text));
    if (at < 0) missing.push(`missing: ${String(line)} ${code} … ${text}`);
    else left.splice(at, 1);
  }
  return [...missing, ...left.map(entry => `not wanted: ${entry}`)];
}
