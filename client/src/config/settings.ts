import * as vscode from 'vscode';

/** The settings `manycore.*`, typed. Read at the time of use, so that a change counts at once. */

export type RuntimeSource = 'auto' | 'workspace' | 'bundled';

export interface Settings {
  readonly codeLensEnabled: boolean;
  readonly runtimeSource: RuntimeSource;
  /** Path of the Node to run functions with; empty for the one found. */
  readonly nodePath: string;
  /** Workers of the code lens's pool; null for as many as the machine has cores. */
  readonly poolProcesses: number | null;
}

export function settings(resource?: vscode.Uri): Settings {
  const all = vscode.workspace.getConfiguration('manycore', resource);
  return {
    codeLensEnabled: all.get('codeLens.enabled', true),
    runtimeSource: all.get<RuntimeSource>('runtime.source', 'auto'),
    nodePath: all.get('node.path', ''),
    poolProcesses: all.get<number | null>('pool.processes', null),
  };
}
