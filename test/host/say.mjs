// One voice for every script of this folder, and the one kind of error whose message is meant for the reader.

/** Something the machine lacks. The message says what, and what to do about it; no stack is shown. */
export class HostMissing extends Error {
  name = 'HostMissing';
}

const started = Date.now();

/** @param {string} message */
export function say(message) {
  console.error(`[editor ${((Date.now() - started) / 1000).toFixed(1)} s] ${message}`);
}

/** @param {unknown} error */
export function tell(error) {
  if (error instanceof HostMissing) console.error(error.message);
  else console.error(error instanceof Error ? error.stack : String(error));
}
