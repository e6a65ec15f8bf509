import path from 'node:path';

/** File names the analyzer reads as source. Declarations say what others do; they start nothing themselves. */
const SOURCE = /\.(?:[cm]?[jt]s|[jt]sx)$/;
const DECLARATION = /\.d\.(?:[cm]?ts|[^./]+\.ts)$/;

export function isSourceFile(file: string): boolean {
  return SOURCE.test(file) && !DECLARATION.test(file) && !file.endsWith('.min.js');
}

export function isJavaScript(file: string): boolean {
  return /\.[cm]?jsx?$/.test(file);
}

/** Folders that hold other people's code, or code made from ours. */
const SKIPPED = new Set(['node_modules', 'bower_components', 'dist', 'build', 'out', 'coverage']);

export function isSkippedFolder(name: string): boolean {
  return SKIPPED.has(name) || (name.startsWith('.') && name !== '.' && name !== '..');
}

const SPECIFIER = /\b(?:from|import|require)\b\s*\(?\s*(['"])([^'"\n]+)\1/g;

/**
 * Module specifiers of a text, found without parsing it: a hundred times faster than a parse, and one too many (in a
 * string, in a comment) costs a little time and no correctness.
 */
export function specifiers(text: string): string[] {
  if (!text.includes('import') && !text.includes('require') && !text.includes('from')) return [];
  const found = new Set<string>();
  for (const match of text.matchAll(SPECIFIER)) if (match[2] !== undefined) found.add(match[2]);
  return [...found];
}

export const RUNTIME_PACKAGE = 'manycore';

export function isRuntimeSpecifier(specifier: string): boolean {
  return specifier === RUNTIME_PACKAGE || specifier.startsWith(`${RUNTIME_PACKAGE}/`);
}

const ENDINGS = ['', '.ts', '.tsx', '.mts', '.cts', '.js', '.jsx', '.mjs', '.cjs'];
const WRITTEN_AS: Record<string, string[]> = {
  '.js': ['.ts', '.tsx'],
  '.mjs': ['.mts'],
  '.cjs': ['.cts'],
  '.jsx': ['.tsx'],
};

/** What a relative specifier means among `files`; undefined when it is none of them. */
export function resolveRelative(from: string, specifier: string, files: ReadonlySet<string>): string | undefined {
  const base = path.posix.join(path.posix.dirname(from), specifier);
  for (const ending of ENDINGS) if (files.has(base + ending)) return base + ending;
  const written = path.posix.extname(base);
  for (const ending of WRITTEN_AS[written] ?? []) {
    const source = base.slice(0, -written.length) + ending;
    if (files.has(source)) return source;
  }
  for (const ending of ENDINGS)
    if (ending !== '' && files.has(`${base}/index${ending}`)) return `${base}/index${ending}`;
  return undefined;
}
