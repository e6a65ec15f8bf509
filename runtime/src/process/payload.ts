import { describeReference, encode, referenceOf } from '../pickle/index.js';
import type { Target } from './options.js';

/** What travels to the process of a `Process`: by reference its class and target, as copies the rest. */
export interface ProcessPayload {
  /** The subclass, unless it is `Process` itself. */
  readonly Class: unknown;
  /** The instance's own fields. */
  readonly fields: Readonly<Record<string, unknown>>;
  readonly target: Target<unknown[]> | undefined;
  readonly args: readonly unknown[];
}

/** Throws PicklingError for a function that another process could not find. The answer is kept for the start. */
export function assertCanTravel(target: unknown): void {
  encode(target, { root: 'target' });
}

/** What a subclass, or its user, has put on the instance; the library's own state is private and stays. */
export const ownFields = (process: object): Record<string, unknown> => ({ ...process });

/** `file:///…#name` of what will run. */
export function targetText({ Class, target }: ProcessPayload): string {
  const callable = target ?? Class;
  if (typeof callable !== 'function') return '';
  try {
    return describeReference(referenceOf(callable as () => unknown));
  } catch {
    // It cannot travel; the encoder says so better.
    return '';
  }
}
