import * as path from 'node:path';
import { performance } from 'node:perf_hooks';
import * as vscode from 'vscode';
import type { RunnableFunction } from '../../../server/src/protocol.js';
import { settings } from '../config/settings.js';
import { libraryArguments } from '../runtime/library.js';
import { findNode } from '../runtime/node.js';
import type { Services } from '../services.js';
import { describeInputs } from './inputs.js';
import type { InputSource, Job, Report } from './messages.js';
import { progressMessage, summary, type Outcome } from './outcome.js';
import { runJob } from './runJob.js';

/** The table is drawn anew at most this often while results come in. */
const redrawMs = 400;

export interface ShownRun {
  readonly uri: vscode.Uri;
  readonly chosen: RunnableFunction;
  readonly inputs: InputSource;
  readonly processes?: number;
  readonly token?: vscode.CancellationToken;
}

/** Runs a job with everything a person sees of it: a notification that can cancel it, the table, the output channel. */
export async function runShown(services: Services, run: ShownRun): Promise<Outcome> {
  const { uri, chosen } = run;
  const current = settings(uri);
  const job: Job = {
    module: uri.fsPath,
    exportName: chosen.exportName,
    inputs: run.inputs,
    spread: chosen.params.length > 1 || Boolean(chosen.params[0]?.startsWith('...')),
    processes: run.processes ?? current.poolProcesses,
  };
  const node = await findNode(job.module, current.nodePath);
  const { extensionPath } = services.context;
  const execArgv = libraryArguments(extensionPath, job.module, current.runtimeSource);
  // Once more means with the same inputs, not with a token that may have been used up.
  const again = { ...run, token: new vscode.CancellationTokenSource().token };
  const board = new Board(services, run, () => void runShown(services, again));
  services.output.appendLine(`— ${chosen.name} over ${describeInputs(run.inputs)} (Node ${node.version})`);
  const title = `${chosen.name} in a pool`;
  const where = { location: vscode.ProgressLocation.Notification, cancellable: true, title };
  return vscode.window.withProgress(where, async (progress, token) => {
    const abort = new AbortController();
    for (const source of [token, run.token]) {
      if (source?.isCancellationRequested) abort.abort();
      source?.onCancellationRequested(() => abort.abort());
    }
    try {
      const state = await runJob(job, {
        runner: services.context.asAbsolutePath('client/dist/runner.cjs'),
        node,
        cwd: vscode.workspace.getWorkspaceFolder(uri)?.uri.fsPath ?? path.dirname(uri.fsPath),
        execArgv,
        signal: abort.signal,
        onOutput: text => services.output.append(text),
        onReport: report => progress.report(board.take(report)),
      });
      return board.end(state, null);
    } catch (error) {
      return board.end('failed', error instanceof Error ? error.message : String(error));
    }
  });
}

/** Collects the reports of one run and keeps the table up to date. */
class Board {
  readonly #services: Services;
  readonly #again: () => void;
  readonly #started = performance.now();
  #outcome: Outcome;
  #tasks: Outcome['tasks'][number][] = [];
  #drawnAt = 0;
  /** Of the process that runs the job, once it has begun. */
  #pid: number | undefined;
  #done = 0;
  #failed = 0;

  constructor(services: Services, { chosen, uri, inputs }: ShownRun, again: () => void) {
    this.#services = services;
    this.#again = again;
    this.#outcome = {
      functionName: chosen.name,
      module: uri.fsPath,
      inputs: describeInputs(inputs),
      workers: 0,
      total: 0,
      tasks: this.#tasks,
      state: 'running',
      error: null,
      ms: 0,
    };
  }

  /** Takes a report in and says what the notification shows for it. */
  take(report: Report): { message?: string; increment?: number } {
    if (report.type === 'started') {
      this.#outcome = { ...this.#outcome, workers: report.workers, total: report.total };
      this.#pid = report.pid;
      this.#services.jobs.started(report.pid, report.total);
      this.#draw();
      return { message: this.#message() };
    }
    if (report.type !== 'task') return {};
    this.#tasks[report.index] = report;
    this.#done++;
    if (!report.ok) this.#failed++;
    if (this.#pid !== undefined) this.#services.jobs.progressed(this.#pid, this.#done);
    if (performance.now() - this.#drawnAt > redrawMs) this.#draw();
    return { message: this.#message(), increment: 100 / Math.max(1, this.#outcome.total) };
  }

  #message(): string {
    const ms = performance.now() - this.#started;
    return progressMessage({ done: this.#done, failed: this.#failed, total: this.#outcome.total, ms });
  }

  end(state: 'done' | 'cancelled' | 'failed', error: string | null): Outcome {
    this.#outcome = { ...this.#outcome, state, error };
    if (this.#pid !== undefined) this.#services.jobs.ended(this.#pid);
    this.#draw();
    if (error !== null)
      void vscode.window.showErrorMessage(`${this.#outcome.functionName}: ${error.split('\n', 1)[0]}`);
    else void vscode.window.setStatusBarMessage(`${this.#outcome.functionName}: ${summary(this.#outcome)}`, 10_000);
    return this.#outcome;
  }

  #draw(): void {
    this.#drawnAt = performance.now();
    this.#outcome = { ...this.#outcome, ms: this.#drawnAt - this.#started };
    this.#services.results.show(this.#outcome, this.#again);
  }
}
