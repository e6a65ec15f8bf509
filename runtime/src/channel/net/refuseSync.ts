import { RuntimeError } from '../../errors.js';

/** For every Sync form of a connection over a socket. */
export function refuseSync(): never {
  throw new RuntimeError(
    'a connection over a socket cannot be used while the thread is blocked: its bytes come and go through the event ' +
      "loop. Await the method of the same name without 'Sync', or use a Pipe between processes of one program.",
  );
}
