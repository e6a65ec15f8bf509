import { PicklingError } from '../errors.js';
import { checkPicklable, describeReference, encode, referenceOf } from '../pickle/index.js';
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

/** The same refusal in the words of who wrote `new Process(…)`: `args[0].socket`, not a place in our message. */
export function clearerRefusal({ Class, fields, args }: ProcessPayload, refusal: PicklingError): PicklingError {
  try {
    checkPicklable(args, 'args');
    checkPicklable(Class, 'the class of the process');
    checkPicklable(fields, 'the process');
    return refusal;
  } catch (error) {
    return error instanceof PicklingError ? error : refusal;
  }
}
