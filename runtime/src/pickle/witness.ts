import { moduleVariable, sourceOf } from './locate.js';
import { exportsOf } from './source.js';

type Callable = (...args: never[]) => unknown;

/** One function of each ES module that this process has looked up: the way into the module without importing it. */
const witnesses = new Map<string, { readonly fn: Callable; readonly scriptId: string }>();

export function addWitness(url: string, fn: Callable, scriptId: string): void {
  if (!witnesses.has(url)) witnesses.set(url, { fn, scriptId });
}

export const hasWitness = (url: string): boolean => witnesses.has(url);

/**
 * The export of an ES module that is loaded, perhaps still being evaluated: importing the main module while it awaits
 * at its top level would wait for itself. Undefined where no function of the module was looked up, or it has no such
 * export of its own.
 */
export function exportByWitness(url: string, name: string): unknown {
  const witness = witnesses.get(url);
  if (witness === undefined) return undefined;
  try {
    const local = exportsOf(url, () => sourceOf(witness.scriptId))?.get(name);
    return local === undefined ? undefined : moduleVariable(witness.fn, local);
  } catch {
    return undefined; // inspecting is forbidden by now: the caller imports instead
  }
}
