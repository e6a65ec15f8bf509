/** The boot message's entry of a process that does not yet know who it will be. */
export const SPARE_ENTRY = 'spare';

/** What a spare leaves in its slot when it ends because it could not import something. */
export interface SpareReport {
  /** Which of the settings' modules; -1 for the module of the function it was given. */
  readonly index: number;
  /** The module started a process while it was imported. */
  readonly unguarded: boolean;
  readonly why: string;
}
