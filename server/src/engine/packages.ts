import fs from 'node:fs';
import path from 'node:path';

/** Answers which package a file belongs to: the name in the nearest package.json above it. */
export class Packages {
  readonly #names = new Map<string, string | undefined>();

  nameOf(file: string): string | undefined {
    return this.#ofFolder(path.posix.dirname(file));
  }

  clear(): void {
    this.#names.clear();
  }

  #ofFolder(folder: string): string | undefined {
    if (this.#names.has(folder)) return this.#names.get(folder);
    const above = path.posix.dirname(folder);
    const name = readName(`${folder}/package.json`) ?? (above === folder ? undefined : this.#ofFolder(above));
    this.#names.set(folder, name);
    return name;
  }
}

function readName(file: string): string | undefined {
  let text: string;
  try {
    text = fs.readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
  try {
    const { name } = JSON.parse(text) as { name?: unknown };
    return typeof name === 'string' ? name : undefined;
  } catch {
    return undefined;
  }
}
