import { OSError } from './errors.js';

/** Node's own error of a system call as an OSError with the same code; any other error as it is. */
export function asOSError(error: unknown, what: string): unknown {
  if (!(error instanceof Error) || error instanceof OSError || !('syscall' in error)) return error;
  const { code } = error as { code?: unknown };
  return typeof code === 'string' ? new OSError(code, `${what}: ${error.message}`, { cause: error }) : error;
}
