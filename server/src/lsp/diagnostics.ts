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
import { type Quiet } from './quiet.js';
import { type Session } from './session.js';

const SEVERITIES: Record<Severity, DiagnosticSeverity> = {
  error: DiagnosticSeverity.Error,
  warning: DiagnosticSeverity.Warning,
  information: DiagnosticSeverity.Information,
  hint: DiagnosticSeverity.Hint,
};

/** `textDocument/diagnostic`: waits for a pause in typing, answers for the text of now or says that it is stale. */
export async function pullDiagnostics(
  session: Session,
  quiet: Quiet,
  params: DocumentDiagnosticParams,
  token: CancellationToken,
): Promise<DocumentDiagnosticReport> {
  const { uri } = params.textDocument;
  const version = session.documents.get(uri)?.version;
  const waited = await quiet.pause(uri, session.debounce, token);
  const settings = await session.configuration.of(uri);
  if (waited === 'cancelled' || token.isCancellationRequested) {
    throw new ResponseError(LSPErrorCodes.RequestCancelled, 'cancelled');
  }
  if (waited === 'changed' || session.documents.get(uri)?.version !== version) {
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
