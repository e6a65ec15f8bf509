import { arrived, travels, type Counted } from '../memory/index.js';
import { Barrier, BoundedSemaphore, Condition, Event, Lock, RLock, Semaphore } from '../sync/index.js';
import { registerHandle } from './handles.js';

/** The objects of `sync/`, the layer below, which cannot register themselves. */
export function registerSyncHandles(): void {
  byHandle('lock', Lock);
  byHandle('rlock', RLock);
  byHandle('semaphore', Semaphore);
  byHandle('boundedSemaphore', BoundedSemaphore);
  byHandle('condition', Condition);
  byHandle('event', Event);
  byHandle('barrier', Barrier, barrier => barrier.action);
}

interface Shared {
  readonly _shared: Counted;
}

/** Place, number, whether the message has a reference of its own, and what travels beside it. */
function byHandle<T extends Shared>(
  tag: string,
  Class: {
    readonly prototype: T;
    // eslint-disable-next-line @typescript-eslint/no-explicit-any -- whatever `beside` gave
    fromHandle(segmentId: number, offset: number, id: number, beside?: any): T;
  },
  beside?: (object: T) => unknown,
): void {
  registerHandle(tag, Class, {
    reduce: object => {
      const { _shared: counted } = object;
      const place = [...counted.handle, travels(counted)];
      return beside === undefined ? place : [...place, beside(object)];
    },
    revive: ([segmentId, offset, id, travelled, more]) => {
      const object = Class.fromHandle(segmentId as number, offset as number, id as number, more);
      arrived(object._shared, travelled);
      return object;
    },
  });
}
