// Versions of the editor that the tests run in, and where its pieces are kept.
import path from 'node:path';
import { fileURLToPath } from 'node:url';

export const hostDir = path.dirname(fileURLToPath(import.meta.url));
export const projectDir = path.resolve(hostDir, '..', '..');

/** The npm package that carries VS Code's server and its workbench for a browser. 4.139.1 is VS Code 1.139.1. */
export const codeServerVersion = '4.139.1';
/** The Node that this code-server asks for; it comes from npm, so the machine's own Node may be older. */
export const hostNodeVersion = '24.21.0';
export const hostNodePackage = `node-${process.platform}-${process.arch}`;

/** One folder, safe to delete and safe to keep between runs. */
export const cacheDir = path.resolve(process.env.MANYCORE_HOST_CACHE ?? path.join(projectDir, '.vscode-host'));
export const hostNodeDir = path.join(cacheDir, 'node_modules', hostNodePackage);
export const hostNode = path.join(hostNodeDir, 'bin', 'node');
export const codeServerDir = path.join(cacheDir, 'node_modules', 'code-server');
export const codeServerEntry = path.join(codeServerDir, 'out', 'node', 'entry.js');
export const stampFile = path.join(cacheDir, 'ready.json');
