import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { type Connection, type TextDocuments } from 'vscode-languageserver/node';
import { type TextDocument } from 'vscode-languageserver-textdocument';
import { Checker } from '../checker.js';
import { normalize } from '../engine/files.js';
import { type InitializationOptions, type Problem, problemNotification } from '../protocol.js';
import { DOCS_BASE_URL } from '../docsUrl.js';
import { type Configuration } from './configuration.js';

/** What the client can do, as far as the server behaves differently for it. */
export interface ClientAbilities {
  resolvesActions: boolean;
  pullsConfiguration: boolean;
  registersWatchers: boolean;
  registersConfiguration: boolean;
  refreshesDiagnostics: boolean;
  refreshesLenses: boolean;
}

/** What every request works on. Made once, when the client introduces itself. */
export interface Session {
  connection: Connection;
  documents: TextDocuments<TextDocument>;
  checker: Checker;
  configuration: Configuration;
  abilities: ClientAbilities;
  paths: Paths;
  docsBaseUrl: string;
  debounce: number;
}

export function newChecker(connection: Connection, roots: readonly string[], options: InitializationOptions): Checker {
  return new Checker({
    roots,
    runtimeTypes: options.runtimeTypes,
    onProblem: (message, file) => {
      const problem: Problem = { message, uri: pathToFileURL(file).href };
      connection.console.error(message);
      void connection.sendNotification(problemNotification, problem);
    },
  });
}

export function docsBase(options: InitializationOptions): string {
  return options.docsBaseUrl ?? DOCS_BASE_URL;
}

const ENDINGS: Record<string, string> = {
  typescript: '.ts',
  typescriptreact: '.tsx',
  javascript: '.js',
  javascriptreact: '.jsx',
};

/** Addresses to paths and back. A document that was never saved is given a path in the workspace. */
export class Paths {
  readonly #root: string;
  readonly #unsaved = new Map<string, string>();

  constructor(roots: readonly string[]) {
    this.#root = roots[0] ?? process.cwd();
  }

  toPath(uri: string, languageId = 'typescript'): string {
    if (uri.startsWith('file:')) return normalize(fileURLToPath(uri));
    let file = this.#unsaved.get(uri);
    if (file === undefined) {
      const name = path.basename(decodeURIComponent(uri).replace(/^[^:]*:/, '')).replaceAll(/[^\w.-]/g, '_');
      const ending = /\.[cm]?[jt]sx?$/.test(name) ? '' : (ENDINGS[languageId] ?? '.ts');
      file = normalize(path.join(this.#root, name + ending));
      this.#unsaved.set(uri, file);
    }
    return file;
  }

  toUri(file: string): string {
    for (const [uri, unsaved] of this.#unsaved) if (unsaved === file) return uri;
    return pathToFileURL(file).href;
  }
}
