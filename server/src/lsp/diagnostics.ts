import { setTimeout as delay } from 'node:timers/promises';
import {
  type CancellationToken,
  type Diagnostic as LspDiagnostic,
  DiagnosticSeverity,
  type DocumentDiagnosticParams,
  type DocumentDiagnosticReport,
  LSPErrorCodes,
  ResponseError,
} from 'vscode-languageserver/node';
import { type Diagnostic } from '../checker.js';
import { ruleUrl } from '../docsUrl.js';
import { Lines } from '../lines.js';
import { type Severity } from '../rules/rule.js';
import { type Session } from './session.js';

const SEVERITIES: Record<Severity, DiagnosticSeverity> = {
  error: DiagnosticSeverity.Error,
  warning: DiagnosticSeverity.Warning,
  information: DiagnosticSeverity.Information,
  hint: DiagnosticSeverity.Hint,
};

/** When each document last changed: what is still being typed is not checked. */
export class Quiet {
  readonly #changed = new Map<string, number>();

  touch(uri: string): void {
    this.#changed.set(uri, performance.now());
  }

  forget(uri: string): void {
    this.#changed.delete(uri);
  }

  left(uri: string, debounce: number): number {
    const changed = this.#changed.get(uri);
    return changed === undefined ? 0 : Math.max(0, changed + debounce - performance.now());
  }
}

/** `textDocument/diagnostic`: waits for a pause in typing, answers for the text of now or says that it is stale. */
export async function pullDiagnostics(
  session: Session,
  quiet: Quiet,
  params: DocumentDiagnosticParams,
  token: CancellationToken,
): Promise<DocumentDiagnosticReport> {
  const { uri } = params.textDocument;
  const version = session.documents.get(uri)?.version;
  const left = quiet.left(uri, session.debounce);
  if (left > 0) await delay(left);
  const settings = await session.configuration.of(uri);
  if (token.isCancellationRequested) throw new ResponseError(LSPErrorCodes.RequestCancelled, 'cancelled');
  if (session.documents.get(uri)?.version !== version) {
    throw new ResponseError(LSPErrorCodes.ServerCancelled, 'the document changed meanwhile', {
      retriggerRequest: true,
    });
  }
  const resultId = `${session.checker.state}/${String(session.configuration.version)}`;
  if (params.previousResultId === resultId) return { kind: 'unchanged', resultId };
  const file = session.paths.toPath(uri);
  const found = settings.enabled ? session.checker.check(file, settings.levels) : [];
  const lines = new Lines(session.checker.store.read(file) ?? '');
  // The state is asked for again: checking may have read files for the first time.
  return {
    kind: 'full',
    resultId: `${session.checker.state}/${String(session.configuration.version)}`,
    items: found.map(diagnostic => toLsp(session, diagnostic, lines)),
  };
}

export function toLsp(session: Session, { rule, severity, finding }: Diagnostic, lines: Lines): LspDiagnostic {
  return {
    range: lines.range(finding.span.start, finding.span.end),
    severity: SEVERITIES[severity],
    code: rule.code,
    codeDescription: { href: ruleUrl(rule.name, session.docsBaseUrl) },
    source: 'manycore',
    message: finding.message,
    relatedInformation: finding.related.map(({ span, message }) => {
      const there = span.file === finding.span.file ? lines : new Lines(session.checker.store.read(span.file) ?? '');
      return { location: { uri: session.paths.toUri(span.file), range: there.range(span.start, span.end) }, message };
    }),
  };
}
