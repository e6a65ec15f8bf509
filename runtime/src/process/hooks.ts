/**
 * What this layer asks of layers above it, which it may not import: they fill these in when they are loaded.
 */
export interface LogHook {
  log(level: 'debug' | 'info', message: string): void;
  /** What a child needs to log as this process does; travels in its boot message. */
  settings(): unknown;
  inherit(settings: unknown): void;
  /** What a child that ended, or is about to, has logged is to be handed on now. */
  childEnded(): void;
}

let logHook: LogHook | undefined;

export function setLogHook(hook: LogHook): void {
  logHook = hook;
}

export const log = (level: 'debug' | 'info', message: string): void => logHook?.log(level, message);
export const logSettings = (): unknown => logHook?.settings();
export const inheritLogSettings = (settings: unknown): void => logHook?.inherit(settings);
export const takeLogOfChildren = (): void => logHook?.childEnded();
