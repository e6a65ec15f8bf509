import path from 'node:path';
import { getLibFiles, libFolderInMemoryPath } from '@ts-morph/common';

let texts: Map<string, string> | undefined;

/** The standard library's declarations travel inside the compiler's bundle: nothing beside it has to be on disk. */
function libTexts(): Map<string, string> {
  texts ??= new Map(getLibFiles().map(file => [file.fileName, file.text]));
  return texts;
}

export const libFolder: string = libFolderInMemoryPath;

export function isLibPath(file: string): boolean {
  return file.startsWith(`${libFolder}/`) && libTexts().has(path.posix.basename(file));
}

export function readLib(file: string): string | undefined {
  return libTexts().get(path.posix.basename(file));
}
