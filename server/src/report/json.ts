import { count, type FileResult, linesOf } from './result.js';

/** ESLint's shape, so that what reads ESLint's reads ours. Lines and columns count from 1; severity 2 is an error, 1 the rest. */
export function jsonReport(results: readonly FileResult[]): string {
  return JSON.stringify(results.map(fileReport));
}

function fileReport(result: FileResult): object {
  const lines = linesOf(result);
  const { errors, warnings, notes } = count([result]);
  const fixable = result.diagnostics.filter((_, index) => result.fixes[index] !== undefined);
  const fixableErrors = fixable.filter(({ severity }) => severity === 'error').length;
  return {
    filePath: result.file,
    messages: result.diagnostics.map(({ rule, severity, finding }, index) => {
      const { start, end } = lines.range(finding.span.start, finding.span.end);
      const fix = result.fixes[index];
      return {
        ruleId: rule.code,
        severity: severity === 'error' ? 2 : 1,
        message: finding.message,
        line: start.line + 1,
        column: start.character + 1,
        endLine: end.line + 1,
        endColumn: end.character + 1,
        ...(fix === undefined ? {} : { fix }),
      };
    }),
    suppressedMessages: [],
    errorCount: errors,
    fatalErrorCount: 0,
    warningCount: warnings + notes,
    fixableErrorCount: fixableErrors,
    fixableWarningCount: fixable.length - fixableErrors,
    usedDeprecatedRules: [],
  };
}
