import {
  type CodeAction,
  CodeActionKind,
  type CodeActionParams,
  LSPErrorCodes,
  type Range,
  ResponseError,
  type WorkspaceEdit,
} from 'vscode-languageserver/node';
import { type Diagnostic } from '../checker.js';
import { type TextEdit } from '../fix/edits.js';
import { indentAt, lineBreakOf } from '../fix/document.js';
import { Lines } from '../lines.js';
import { toLsp } from './diagnostics.js';
import { type Session } from './session.js';

export const FIX_ALL = `${CodeActionKind.SourceFixAll}.manycore`;

/** What an action is resolved from: which finding of which text, and which of its repairs. */
interface ActionData {
  uri: string;
  version: number | null;
  fix: { code: string; start: number; end: number; index: number } | 'all';
}

/** `textDocument/codeAction`: titles at once, edits when the client asks for one of them. */
export async function codeActions(session: Session, params: CodeActionParams): Promise<CodeAction[]> {
  const { uri } = params.textDocument;
  const only = params.context.only;
  const wants = (kind: string): boolean =>
    only === undefined || only.some(asked => kind === asked || kind.startsWith(`${asked}.`));
  const settings = await session.configuration.of(uri);
  if (!settings.enabled || !(wants(CodeActionKind.QuickFix) || wants(FIX_ALL))) return [];
  const file = session.paths.toPath(uri);
  const text = session.checker.store.read(file) ?? '';
  const lines = new Lines(text);
  const found = session.checker.check(file, settings.levels);
  const actions: CodeAction[] = [];
  if (wants(CodeActionKind.QuickFix)) {
    for (const diagnostic of found) {
      const { start, end } = diagnostic.finding.span;
      if (!touches(lines.range(start, end), params.range)) continue;
      actions.push(...(await repairs(session, uri, diagnostic, lines)), silence(session, uri, text, diagnostic, lines));
    }
  }
  if (
    wants(FIX_ALL) &&
    found.length > 0 &&
    (only !== undefined || actions.some(({ isPreferred }) => isPreferred === true))
  ) {
    actions.push({ title: 'Repair all manycore problems', kind: FIX_ALL, data: dataOf(session, uri, 'all') });
  }
  if (session.abilities.resolvesActions) return actions;
  return Promise.all(actions.map(action => resolveAction(session, action)));
}

/** `codeAction/resolve` */
export async function resolveAction(session: Session, action: CodeAction): Promise<CodeAction> {
  const data = action.data as ActionData | undefined;
  if (data === undefined || action.edit !== undefined) return action;
  const { uri, version, fix } = data;
  const current = session.documents.get(uri)?.version ?? null;
  if (current !== version)
    throw new ResponseError(LSPErrorCodes.ContentModified, 'the document changed since the action was offered');
  const settings = await session.configuration.of(uri);
  const file = session.paths.toPath(uri);
  const text = session.checker.store.read(file) ?? '';
  if (fix === 'all') {
    const repaired = await session.checker.fixAll(file, settings.levels);
    return {
      ...action,
      edit: workspaceEdit(uri, version, new Lines(text), repaired === undefined ? [] : difference(text, repaired)),
    };
  }
  const diagnostic = session.checker
    .check(file, settings.levels)
    .find(
      ({ rule, finding }) => rule.code === fix.code && finding.span.start === fix.start && finding.span.end === fix.end,
    );
  const chosen = diagnostic === undefined ? undefined : (await session.checker.fixes(diagnostic))[fix.index];
  if (chosen === undefined) throw new ResponseError(LSPErrorCodes.ContentModified, 'the problem is gone');
  return { ...action, edit: workspaceEdit(uri, version, new Lines(text), chosen.edits()) };
}

function dataOf(session: Session, uri: string, fix: ActionData['fix']): ActionData {
  return { uri, version: session.documents.get(uri)?.version ?? null, fix };
}

async function repairs(session: Session, uri: string, diagnostic: Diagnostic, lines: Lines): Promise<CodeAction[]> {
  const { rule, finding } = diagnostic;
  const { start, end } = finding.span;
  return (await session.checker.fixes(diagnostic)).map(({ title, preferred }, index) => ({
    title,
    kind: CodeActionKind.QuickFix,
    diagnostics: [toLsp(session, diagnostic, lines)],
    isPreferred: preferred,
    data: dataOf(session, uri, { code: rule.code, start, end, index }),
  }));
}

function silence(session: Session, uri: string, text: string, diagnostic: Diagnostic, lines: Lines): CodeAction {
  const { rule, finding } = diagnostic;
  const line = lines.offset({ line: lines.position(finding.span.start).line, character: 0 });
  const edit = {
    start: line,
    end: line,
    text: `${indentAt(text, line)}// manycore-disable-next-line ${rule.code}${lineBreakOf(text)}`,
  };
  return {
    title: `Disable ${rule.code} for this line`,
    kind: CodeActionKind.QuickFix,
    diagnostics: [toLsp(session, diagnostic, lines)],
    edit: workspaceEdit(uri, session.documents.get(uri)?.version ?? null, lines, [edit]),
  };
}

function workspaceEdit(uri: string, version: number | null, lines: Lines, edits: readonly TextEdit[]): WorkspaceEdit {
  const changes = edits.map(({ start, end, text }) => ({ range: lines.range(start, end), newText: text }));
  return { documentChanges: [{ textDocument: { uri, version }, edits: changes }] };
}

/** The one edit that leads from a text to another, without their common start and end. */
function difference(from: string, to: string): TextEdit[] {
  if (from === to) return [];
  let start = 0;
  while (start < from.length && from[start] === to[start]) start++;
  let tail = 0;
  while (tail < Math.min(from.length, to.length) - start && from.at(-1 - tail) === to.at(-1 - tail)) tail++;
  return [{ start, end: from.length - tail, text: to.slice(start, to.length - tail) }];
}

function touches(a: Range, b: Range): boolean {
  return !before(a.end, b.start) && !before(b.end, a.start);
}

function before(a: Range['start'], b: Range['start']): boolean {
  return a.line < b.line || (a.line === b.line && a.character < b.character);
}
