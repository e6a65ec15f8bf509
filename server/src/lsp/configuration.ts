import { type Connection } from 'vscode-languageserver/node';
import { type Settings } from '../protocol.js';
import { type Levels, readLevels } from '../rules/levels.js';

export interface FileSettings {
  enabled: boolean;
  levels: Levels;
}

const DEFAULT: FileSettings = { enabled: true, levels: new Map() };

/** The section `manycore`, asked for per resource and kept until the client says that it changed. */
export class Configuration {
  readonly #connection: Connection;
  readonly #pulls: boolean;
  readonly #known = new Map<string, Promise<FileSettings>>();
  #pushed: FileSettings = DEFAULT;
  #version = 0;

  constructor(connection: Connection, pulls: boolean) {
    this.#connection = connection;
    this.#pulls = pulls;
  }

  /** Grows with every change. */
  get version(): number {
    return this.#version;
  }

  of(uri: string): Promise<FileSettings> {
    if (!this.#pulls) return Promise.resolve(this.#pushed);
    let settings = this.#known.get(uri);
    if (settings === undefined) {
      settings = this.#connection.workspace.getConfiguration({ scopeUri: uri, section: 'manycore' }).then(
        (value: unknown) => this.#read(value),
        () => DEFAULT,
      );
      this.#known.set(uri, settings);
    }
    return settings;
  }

  forget(uri: string): void {
    this.#known.delete(uri);
  }

  changed(settings: unknown): void {
    this.#version++;
    this.#known.clear();
    const section = (settings as { manycore?: unknown } | undefined | null)?.manycore;
    if (section !== undefined) this.#pushed = this.#read(section);
  }

  #read(value: unknown): FileSettings {
    const { check } = (value ?? {}) as Settings;
    const levels = readLevels(check?.rules ?? {}, message => {
      this.#connection.console.warn(`manycore.check.rules: ${message}`);
    });
    return { enabled: check?.enable !== false, levels };
  }
}
