/** Who waits for a signal, by signal: with one listener for all of them, however many calls share the signal. */
const waiting = new WeakMap<AbortSignal, Set<() => void>>();

/**
 * Calls `listener` when the signal aborts, in the order in which listeners came. Returns what takes it back; the last
 * one taken back leaves no listener on the signal. Many waits on one signal are ordinary here, and Node warns of a leak
 * from the eleventh listener on.
 */
export function whenAborted(signal: AbortSignal | undefined, listener: () => void): () => void {
  if (signal === undefined) return nothing;
  const listeners = waiting.get(signal) ?? listenTo(signal);
  const entry = (): void => {
    listener();
  };
  listeners.add(entry);
  return () => {
    if (listeners.delete(entry) && listeners.size === 0) stop.get(listeners)?.();
  };
}

const stop = new WeakMap<Set<() => void>, () => void>();

function listenTo(signal: AbortSignal): Set<() => void> {
  const listeners = new Set<() => void>();
  const onAbort = (): void => {
    waiting.delete(signal);
    for (const listener of [...listeners]) if (listeners.delete(listener)) listener();
  };
  waiting.set(signal, listeners);
  stop.set(listeners, () => {
    if (waiting.get(signal) === listeners) waiting.delete(signal);
    signal.removeEventListener('abort', onAbort);
  });
  signal.addEventListener('abort', onAbort, { once: true });
  return listeners;
}

const nothing = (): void => undefined;
