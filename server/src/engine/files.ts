import fs from 'node:fs';
import path from 'node:path';
import { isSkippedFolder, isSourceFile } from './scan.js';

/** Everything inside is in forward slashes, as the compiler wants it. */
export function normalize(file: string): string {
  return path.resolve(file).replaceAll('\\', '/');
}

interface Entry {
  text: string;
  version: number;
  open: boolean;
}

/**
 * Texts of files: what an editor holds open wins over the disk. A file from disk is read once and kept until it is
 * reported as changed, so a keystroke never costs a look at the disk.
 */
export class FileStore {
  readonly #entries = new Map<string, Entry>();
  #clock = 0;
  #structure = 0;

  /** Grows with every change of any text. */
  get clock(): number {
    return this.#clock;
  }

  /** Grows when files come or go, or a package or configuration file changes: module resolution has to start afresh. */
  get structure(): number {
    return this.#structure;
  }

  read(file: string): string | undefined {
    const known = this.#entries.get(file);
    if (known !== undefined) return known.text;
    let text: string;
    try {
      text = fs.readFileSync(file, 'utf8');
    } catch {
      return undefined;
    }
    this.#entries.set(file, { text, version: this.#clock, open: false });
    return text;
  }

  version(file: string): number {
    return this.#entries.get(file)?.version ?? 0;
  }

  isOpen(file: string): boolean {
    return this.#entries.get(file)?.open === true;
  }

  openFiles(): string[] {
    return [...this.#entries].filter(([, entry]) => entry.open).map(([file]) => file);
  }

  /** An editor opens the file or changes its text. */
  set(file: string, text: string): void {
    const known = this.#entries.get(file);
    if (known?.open === true && known.text === text) return;
    if (known === undefined && !fs.existsSync(file)) this.#structure++;
    const changed = known?.text !== text;
    if (changed) this.#clock++;
    this.#entries.set(file, { text, version: changed ? this.#clock : (known?.version ?? this.#clock), open: true });
  }

  /** The editor closes the file: the disk counts again. */
  release(file: string): void {
    const known = this.#entries.get(file);
    if (known?.open !== true) return;
    this.#entries.delete(file);
    const text = this.read(file);
    const entry = this.#entries.get(file);
    if (entry !== undefined && text === known.text) entry.version = known.version;
    else {
      this.#clock++;
      if (entry !== undefined) entry.version = this.#clock;
      else this.#structure++;
    }
  }

  /** The disk changed under us. What an editor holds open is not touched. */
  changedOnDisk(file: string, kind: 'created' | 'changed' | 'deleted'): void {
    const open = this.#entries.get(file)?.open === true;
    if (open && kind === 'changed') return;
    this.#clock++;
    if (kind !== 'changed' || file.endsWith('.json')) this.#structure++;
    if (open) return;
    this.#entries.delete(file);
    if (kind === 'deleted') return;
    this.read(file);
    const entry = this.#entries.get(file);
    if (entry !== undefined) entry.version = this.#clock;
  }
}

/** Source files below a folder, in a stable order; stops at `limit`. */
export function sourceFilesUnder(root: string, limit = 20_000): string[] {
  const found: string[] = [];
  const walk = (folder: string): void => {
    let entries: fs.Dirent[];
    try {
      entries = fs.readdirSync(folder, { withFileTypes: true });
    } catch {
      return;
    }
    for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
      if (found.length >= limit) return;
      if (entry.isDirectory()) {
        if (!isSkippedFolder(entry.name)) walk(`${folder}/${entry.name}`);
      } else if (entry.isFile() && isSourceFile(entry.name)) found.push(`${folder}/${entry.name}`);
    }
  };
  walk(normalize(root));
  return found;
}
