import { fileURLToPath } from 'node:url';
import {
  CodeActionKind,
  type InitializeParams,
  type InitializeResult,
  TextDocumentSyncKind,
} from 'vscode-languageserver/node';
import { VERSION } from '../version.js';
import { FIX_ALL } from './codeActions.js';
import { type ClientAbilities } from './session.js';

export function workspaceRoots(params: InitializeParams): string[] {
  const uris = params.workspaceFolders?.map(folder => folder.uri) ?? (params.rootUri == null ? [] : [params.rootUri]);
  return uris.filter(uri => uri.startsWith('file:')).map(uri => fileURLToPath(uri));
}

export function abilitiesOf({ capabilities }: InitializeParams): ClientAbilities {
  const { textDocument, workspace } = capabilities;
  return {
    resolvesActions:
      textDocument?.codeAction?.resolveSupport?.properties.includes('edit') === true &&
      textDocument.codeAction.dataSupport === true,
    pullsConfiguration: workspace?.configuration === true,
    registersWatchers: workspace?.didChangeWatchedFiles?.dynamicRegistration === true,
    registersConfiguration: workspace?.didChangeConfiguration?.dynamicRegistration === true,
    refreshesDiagnostics: workspace?.diagnostics?.refreshSupport === true,
    refreshesLenses: workspace?.codeLens?.refreshSupport === true,
  };
}

export function initializeResult(abilities: ClientAbilities): InitializeResult {
  return {
    serverInfo: { name: 'manycore-check', version: VERSION },
    capabilities: {
      textDocumentSync: { openClose: true, change: TextDocumentSyncKind.Incremental },
      diagnosticProvider: { identifier: 'manycore', interFileDependencies: true, workspaceDiagnostics: false },
      codeActionProvider: {
        codeActionKinds: [CodeActionKind.QuickFix, FIX_ALL],
        resolveProvider: abilities.resolvesActions,
      },
      workspace: { workspaceFolders: { supported: true, changeNotifications: true } },
    },
  };
}
