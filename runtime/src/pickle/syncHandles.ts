import { Barrier, BoundedSemaphore, Condition, Event, Lock, RLock, Semaphore } from '../sync/index.js';
import { registerHandle } from './handles.js';

type Handle = readonly [segmentId: number, offset: number];

/** The objects of `sync/`, the layer below, which cannot register themselves. */
export function registerSyncHandles(): void {
  byHandle('lock', Lock);
  byHandle('rlock', RLock);
  byHandle('semaphore', Semaphore);
  byHandle('boundedSemaphore', BoundedSemaphore);
  byHandle('condition', Condition);
  byHandle('event', Event);
  registerHandle('barrier', Barrier, {
    reduce: barrier => [...barrier.handle, barrier.action],
    revive: ([segmentId, offset, action]) =>
      Barrier.fromHandle(segmentId as number, offset as number, action as (() => unknown) | undefined),
  });
}

function byHandle<T extends { readonly handle: Handle }>(
  tag: string,
  Class: { readonly prototype: T; fromHandle(segmentId: number, offset: number): T },
): void {
  registerHandle(tag, Class, {
    reduce: object => object.handle,
    revive: ([segmentId, offset]) => Class.fromHandle(segmentId as number, offset as number),
  });
}
