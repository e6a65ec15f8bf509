import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

/** The repository, seen from test/dist/server/support. */
export const repository = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../../../..');
export const fixtures = path.join(repository, 'test/server/fixtures/rules');
export const serverFile = path.join(repository, 'server/dist/server.cjs');
export const cliFile = path.join(repository, 'server/dist/cli.cjs');

const TSCONFIG = {
  compilerOptions: {
    target: 'esnext',
    lib: ['esnext'],
    module: 'nodenext',
    moduleResolution: 'nodenext',
    types: ['node'],
    strict: true,
    noEmit: true,
    skipLibCheck: true,
  },
};

export interface WorkspaceOptions {
  /** `installed`: the real package; `none`: a folder where nobody installed it. */
  runtime?: 'installed' | 'none';
  /** Default true. */
  tsconfig?: boolean | object;
}

const atExit: (() => void)[] = [];
process.once('exit', () => {
  for (const work of atExit) work();
});

/** A folder with files in it, away from the repository, removed when the test process ends. */
export class Workspace {
  readonly root: string;

  constructor(
    files: Readonly<Record<string, string>> = {},
    { runtime = 'installed', tsconfig = true }: WorkspaceOptions = {},
  ) {
    this.root = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), 'manycore-check-')));
    atExit.push(() => {
      fs.rmSync(this.root, { recursive: true, force: true });
    });
    this.write('package.json', JSON.stringify({ name: 'fixture', type: 'module', private: true }));
    if (tsconfig !== false) this.write('tsconfig.json', JSON.stringify(tsconfig === true ? TSCONFIG : tsconfig));
    this.#link('@types/node', path.join(repository, 'node_modules/@types/node'));
    this.#link('undici-types', path.join(repository, 'node_modules/undici-types'));
    if (runtime === 'installed') this.#link('manycore', path.join(repository, 'runtime'));
    for (const [name, text] of Object.entries(files)) this.write(name, text);
  }

  path(name: string): string {
    return path.join(this.root, name);
  }

  write(name: string, text: string): string {
    const file = this.path(name);
    fs.mkdirSync(path.dirname(file), { recursive: true });
    fs.writeFileSync(file, text);
    return file;
  }

  read(name: string): string {
    return fs.readFileSync(this.path(name), 'utf8');
  }

  copy(folder: string): void {
    fs.cpSync(folder, this.root, { recursive: true });
  }

  #link(name: string, target: string): void {
    const link = this.path(path.join('node_modules', name));
    fs.mkdirSync(path.dirname(link), { recursive: true });
    fs.symlinkSync(target, link, 'dir');
  }
}
