import { type Node, type SourceFile } from 'ts-morph';
import { type FileFacts, type Span, type TypeOracle } from '../model/types.js';

/** One file opened for repair: its tree in ts-morph's wrappers, and the answers of the checker that found the fault. */
export interface FixDocument {
  file: string;
  text: string;
  source: SourceFile;
  facts: FileFacts;
  oracle: TypeOracle;
}

/** The wrappers are loaded when the first repair is asked for, not with the server. */
export async function openDocument(
  file: string,
  text: string,
  facts: FileFacts,
  oracle: TypeOracle,
): Promise<FixDocument> {
  const { Project, ts } = await import('ts-morph');
  const project = new Project({
    useInMemoryFileSystem: true,
    skipLoadingLibFiles: true,
    skipFileDependencyResolution: true,
    compilerOptions: { allowJs: true, target: ts.ScriptTarget.ESNext },
  });
  return { file, text, source: project.createSourceFile(file, text), facts, oracle };
}

/** The innermost node that is exactly at a span, or the smallest around it. */
export function nodeAt(document: FixDocument, span: Span): Node | undefined {
  let node = document.source.getDescendantAtPos(span.start);
  while (node !== undefined && (node.getEnd() < span.end || node.getStart() > span.start)) node = node.getParent();
  return node;
}

/** Like nodeAt, but the outermost of those that are exactly there and of the wanted sort. */
export function nodeOf<N extends Node>(
  document: FixDocument,
  span: Span,
  accept: (node: Node) => node is N,
): N | undefined {
  for (let node = nodeAt(document, span); node !== undefined; node = node.getParent()) {
    if (accept(node) && node.getStart() === span.start && node.getEnd() === span.end) return node;
    if (node.getEnd() > span.end && node.getStart() < span.start) return undefined;
  }
  return undefined;
}

/** White space at the start of the line that an offset is in. */
export function indentAt(text: string, offset: number): string {
  const start = text.lastIndexOf('\n', offset - 1) + 1;
  return /^[ \t]*/.exec(text.slice(start))?.[0] ?? '';
}

export function lineBreakOf(text: string): string {
  return text.includes('\r\n') ? '\r\n' : '\n';
}

/** One step of indentation, as the file does it. */
export function indentUnit(text: string): string {
  return /^(\t| {2,8})\S/m.exec(text)?.[1] ?? '  ';
}

/** A name that nothing in the file uses yet: `task`, `task2`, … */
export function freshName(document: FixDocument, wanted: string): string {
  const taken = new Set(document.text.match(/[\w$]+/g) ?? []);
  let name = wanted;
  for (let number = 2; taken.has(name); number++) name = `${wanted}${String(number)}`;
  return name;
}
