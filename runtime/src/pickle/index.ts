import * as errors from '../errors.js';
import { registerClass, type Callable } from './reference.js';
import { registerSyncHandles } from './syncHandles.js';

export { encode, encodeToBuffer, type Encoded, type EncodeOptions } from './encode.js';
export { decode, decodeAsync, decodeSync, refuseThenable, type DecodeOptions } from './decode.js';
export {
  decodeForeign,
  decodeForeignAsync,
  decodeForeignSync,
  encodeForeign,
  type ForeignDecodeOptions,
  type ForeignEncodeOptions,
} from './foreign.js';
export { ForeignPolicy, type AllowModules } from './foreign-policy.js';
export { checkPicklable } from './explain.js';
export { registerHandle, type Handle } from './handles.js';
export { refuseInstances } from './unsendable.js';
export { useShapeTable, type ShapeTable } from './shapes.js';
export { describeReference, expose, referenceOf, registerClass, type Callable, type Reference } from './reference.js';
export {
  NeedsModules,
  noteModule,
  resolveReference,
  resolveReferenceSync,
  setReferencePolicy,
  type ReferencePolicy,
} from './resolve.js';

// The library's own errors are the same classes in every process.
for (const [name, Class] of Object.entries(errors)) registerClass(name, Class as unknown as Callable);
registerSyncHandles();
