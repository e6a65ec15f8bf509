export type OutputName = 'stdout' | 'stderr';

/**
 * Calls `prepare` with the stream when it is first used, so that one that nobody uses costs nothing: Node opens it then
 * as well. Not any more once the answered function has been called.
 */
export function onFirstUse(name: OutputName, prepare: (stream: NodeJS.WriteStream) => void): () => void {
  const original = Object.getOwnPropertyDescriptor(process, name);
  const open = original?.get as (() => NodeJS.WriteStream) | undefined;
  if (original === undefined || open === undefined) return () => undefined;
  let stream: NodeJS.WriteStream | undefined;
  const get = (): NodeJS.WriteStream => {
    if (stream !== undefined) return stream;
    takeBack();
    stream = open.call(process);
    prepare(stream);
    return stream;
  };
  const takeBack = (): void => {
    // A module of the user's may have put a property of its own there.
    if (Object.getOwnPropertyDescriptor(process, name)?.get === get) Object.defineProperty(process, name, original);
  };
  Object.defineProperty(process, name, { ...original, get });
  return takeBack;
}
