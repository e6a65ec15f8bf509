import { finishedTasks, summary, type Outcome } from './outcome.js';

/** A table of more rows than this is slow to draw and read by nobody; all of them can be saved. */
const rowsShown = 2000;

const escaped = (text: string) =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');

const css = `
body { padding: 12px 20px; font-family: var(--vscode-font-family); font-size: var(--vscode-font-size); color: var(--vscode-foreground); }
h1 { font-size: 1.3em; font-weight: 600; margin: 0 0 2px; }
h1, h1 span { white-space: nowrap; overflow: hidden; text-overflow: ellipsis; font-family: var(--vscode-editor-font-family); }
h1 span { font-weight: normal; color: var(--vscode-descriptionForeground); }
.summary { color: var(--vscode-descriptionForeground); margin-bottom: 10px; }
.error { color: var(--vscode-errorForeground); white-space: pre-wrap; font-family: var(--vscode-editor-font-family); }
progress { width: 100%; height: 3px; margin: 0 0 10px; accent-color: var(--vscode-progressBar-background); }
button { padding: 4px 10px; margin-right: 6px; border-radius: 2px; cursor: pointer;
  color: var(--vscode-button-secondaryForeground); background: var(--vscode-button-secondaryBackground); font: inherit;
  border: 1px solid var(--vscode-button-border, var(--vscode-widget-border, transparent)); }
button:hover { background: var(--vscode-button-secondaryHoverBackground); }
table { border-collapse: collapse; width: 100%; margin-top: 12px; }
th { text-align: left; font-weight: 600; padding: 4px 12px 4px 0; border-bottom: 1px solid var(--vscode-widget-border, var(--vscode-panel-border)); position: sticky; top: 0; background: var(--vscode-editor-background); }
td { padding: 3px 12px 3px 0; vertical-align: top; border-bottom: 1px solid var(--vscode-panel-border, transparent); font-family: var(--vscode-editor-font-family); font-size: var(--vscode-editor-font-size); }
td.text { white-space: pre-wrap; word-break: break-word; max-width: 60vw; }
.number { text-align: right; font-variant-numeric: tabular-nums; width: 1%; white-space: nowrap; }
td.failed { color: var(--vscode-errorForeground); }
td.number { color: var(--vscode-descriptionForeground); }
`;

/** The page of one run. `nonce` is fresh for each page: only our own script may run. */
export function resultsHtml(outcome: Outcome, nonce: string): string {
  const tasks = finishedTasks(outcome);
  const rows = tasks
    .slice(0, rowsShown)
    .map(
      task =>
        `<tr><td class="number">${task.index}</td><td class="text">${escaped(task.input)}</td>` +
        `<td class="text${task.ok ? '' : ' failed'}">${escaped(task.output)}</td>` +
        `<td class="number">${task.ms.toFixed(1)}</td></tr>`,
    )
    .join('\n');
  const hidden =
    tasks.length > rowsShown ? `<p class="summary">${tasks.length - rowsShown} more rows: save to see them.</p>` : '';
  const progress =
    outcome.state === 'running'
      ? `<progress max="${Math.max(1, outcome.total)}" value="${tasks.length}"></progress>`
      : '';
  return `<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'nonce-${nonce}'; script-src 'nonce-${nonce}'">
<title>Run in pool</title><style nonce="${nonce}">${css}</style></head>
<body>
<h1>${escaped(outcome.functionName)}<span> over ${escaped(outcome.inputs)}</span></h1>
<div class="summary">${escaped(summary(outcome))}</div>
${progress}
${outcome.error ? `<p class="error">${escaped(outcome.error)}</p>` : ''}
<div><button data-save="json">Save as JSON</button><button data-save="csv">Save as CSV</button><button data-save="again">Run again</button></div>
<table><thead><tr><th class="number">#</th><th>input</th><th>result</th><th class="number">ms</th></tr></thead>
<tbody>${rows}</tbody></table>${hidden}
<script nonce="${nonce}">
const api = acquireVsCodeApi();
for (const button of document.querySelectorAll('button')) button.addEventListener('click', () => api.postMessage(button.dataset.save));
</script></body></html>`;
}
