/** One decoder under fuzz. */
export interface Target {
  readonly name: string;
  /** Valid inputs of all kinds, for the mutators to start from; without any, inputs are noise. */
  readonly corpus: readonly Buffer[];
  readonly longest?: number;
  /** Takes the input. What it throws, or rejects with, is a failure: it swallows what the decoder may answer. */
  run(input: Buffer): void | Promise<void>;
  /** Looks, after each input, whether something has happened that its outcome does not show; throws if so. */
  check?(): void;
  close?(): void;
}

/** Runs `decode`; anything but a value or one of these errors is a failure. */
export function expectErrors(decode: () => unknown, ...allowed: readonly (new (...args: never[]) => Error)[]): unknown {
  try {
    return decode();
  } catch (error) {
    // What the system refuses is an error that says so.
    const isSystem = error instanceof Error && 'syscall' in error;
    if (!isSystem && !allowed.some(Class => error instanceof Class)) throw error;
    return undefined;
  }
}
