import { Lines } from '../lines.js';
import { type RunnableFunction, type RunnableFunctionsParams } from '../protocol.js';
import { type Session } from './session.js';

/** `manycore/runnableFunctions`: what a code lens can offer to run in a pool. */
export function runnableFunctions(session: Session, { uri }: RunnableFunctionsParams): RunnableFunction[] {
  const file = session.paths.toPath(uri);
  const lines = new Lines(session.checker.store.read(file) ?? '');
  return session.checker.runnable(file).map(({ name, exportName, nameSpan, params, paramTypes, isAsync }) => ({
    name,
    exportName,
    range: lines.range(nameSpan.start, nameSpan.end),
    params,
    ...(paramTypes === undefined ? {} : { paramTypes }),
    isAsync,
  }));
}
