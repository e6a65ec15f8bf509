import type { Readable } from 'node:stream';
import type { Readiness } from './waitable.js';

/**
 * A readable stream of Node, such as a `net.Socket`: ready when it has data or will never have any again. One that flows
 * (somebody has a 'data' listener) has data only in the moment in which it gives it out; its flow is not touched.
 */
export function streamReadiness(stream: Readable): Readiness {
  let hasFlowed = false;
  return {
    what: `a ${stream.constructor.name}`,
    needsLoop: true,
    isReady: () => hasFlowed || stream.readableLength > 0 || isOver(stream),
    watch: changed => {
      const onData = (): void => {
        hasFlowed = true;
        changed();
      };
      const flows = stream.listenerCount('data') > 0;
      if (flows) stream.prependListener('data', onData);
      else stream.on('readable', changed);
      stream.on('end', changed);
      stream.on('close', changed);
      return () => {
        if (flows) stream.removeListener('data', onData);
        else stream.removeListener('readable', changed);
        stream.removeListener('end', changed);
        stream.removeListener('close', changed);
      };
    },
  };
}

/**
 * Whether all has been read and the end is known. A stream in paused mode tells its end only to who reads on, so the end
 * that has arrived counts, as it does for a descriptor.
 */
function isOver(stream: Readable): boolean {
  if (stream.destroyed || stream.readableEnded || stream.closed || stream.errored !== null) return true;
  const state = (stream as { _readableState?: { ended?: boolean } })._readableState;
  return state?.ended === true;
}
