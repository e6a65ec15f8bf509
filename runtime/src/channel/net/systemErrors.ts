import { OSError } from '../../errors.js';

/** Node's words for a socket that has been given up, as the system would say it. */
const BROKEN = new Set(['ERR_STREAM_DESTROYED', 'ERR_STREAM_WRITE_AFTER_END', 'ERR_SOCKET_CLOSED', 'EPIPE']);

/** What Node reports of a socket, as the library's OSError with the system's code. */
export function systemError(error: unknown): OSError {
  if (error instanceof OSError) return error;
  const { code = 'EIO', message } = error as NodeJS.ErrnoException;
  if (BROKEN.has(code)) return new OSError('EPIPE', 'Broken pipe: the other end is closed', { cause: error });
  return new OSError(code, message, { cause: error });
}
