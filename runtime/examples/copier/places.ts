// From where to where: everything that must hold before a copy may begin.
import fs from 'node:fs/promises';
import path from 'node:path';
import { firstDifference } from './compare.js';

/** The copy cannot be made as asked; the message is for the user. */
export class Refusal extends Error {}

/** `photos` becomes `photos[copy]`, beside it. */
export function defaultDestination(source: string): string {
  return `${path.resolve(source)}[copy]`;
}

/**
 * Resolves to 'free' when the copy can begin and to 'same' when the destination is that copy already.
 * @throws Refusal when the source is not a folder, the destination lies inside it, or something else is there.
 */
export async function checkPlaces(source: string, destination: string): Promise<'free' | 'same'> {
  const from = await fs.stat(source).catch(noneIfMissing);
  if (from === null) throw new Refusal(`there is no folder '${source}'`);
  if (!from.isDirectory()) throw new Refusal(`'${source}' is not a folder`);

  const inside = path.relative(await fs.realpath(source), await realDestination(destination));
  if (inside === '') throw new Refusal(`'${destination}' is the source itself`);
  if (inside !== '..' && !inside.startsWith(`..${path.sep}`) && !path.isAbsolute(inside)) {
    throw new Refusal(`'${destination}' lies inside '${source}': the copy would have to contain itself`);
  }

  const to = await fs.stat(destination).catch(noneIfMissing);
  if (to === null) return 'free';
  if (!to.isDirectory()) throw new Refusal(`'${destination}' exists and is not a folder`);
  if ((await fs.readdir(destination)).length === 0) return 'free';
  const difference = await firstDifference(source, destination);
  if (difference === null) return 'same';
  throw new Refusal(`'${destination}' exists and has other content, '${difference}' for one; remove it first`);
}

/** Where the destination will really be: links in the part of its path that exists are followed. */
async function realDestination(destination: string): Promise<string> {
  const missing: string[] = [];
  for (let existing = path.resolve(destination); ; existing = path.dirname(existing)) {
    const real = await fs.realpath(existing).catch(noneIfMissing);
    if (real !== null) return path.join(real, ...missing);
    missing.unshift(path.basename(existing));
  }
}

function noneIfMissing(error: unknown): null {
  const code = (error as NodeJS.ErrnoException).code;
  if (code === 'ENOENT' || code === 'ENOTDIR') return null;
  throw error;
}
