/**
 * Types of the platform whose instances surely cannot travel, by the package or library that declares them. Matched by
 * symbol and declaring file; anything not named here is left alone.
 */

/** Of the language itself (TypeScript's lib files). */
export const languageBad: Record<string, string> = {
  Promise: 'a Promise',
  PromiseLike: 'a promise',
  WeakMap: 'a WeakMap',
  WeakSet: 'a WeakSet',
  WeakRef: 'a WeakRef',
  FinalizationRegistry: 'a FinalizationRegistry',
  Generator: 'a generator',
  AsyncGenerator: 'an async generator',
  MapIterator: 'an iterator',
  SetIterator: 'an iterator',
  ArrayIterator: 'an iterator',
  SharedArrayBuffer: 'a SharedArrayBuffer',
  AbortSignal: 'an AbortSignal',
  AbortController: 'an AbortController',
};

/** Iterators over what is all there already: a copy of their items can travel instead. */
export const spreadable: ReadonlySet<string> = new Set(['Generator', 'MapIterator', 'SetIterator', 'ArrayIterator']);

/** Containers of the language: as good as what is in them. */
export const languageContainers: ReadonlySet<string> = new Set([
  'Array',
  'ReadonlyArray',
  'Set',
  'ReadonlySet',
  'Map',
  'ReadonlyMap',
]);

/** Of Node (`@types/node`), with what to call them. A class that extends one of these is as bad. */
export const nodeBad: Record<string, string> = {
  Socket: 'a net.Socket',
  Server: 'a server',
  TLSSocket: 'a tls.TLSSocket',
  Readable: 'a stream',
  Writable: 'a stream',
  Duplex: 'a stream',
  Transform: 'a stream',
  PassThrough: 'a stream',
  ReadStream: 'a file stream',
  WriteStream: 'a file stream',
  IncomingMessage: 'an http.IncomingMessage',
  ServerResponse: 'an http.ServerResponse',
  ClientRequest: 'an http.ClientRequest',
  ChildProcess: 'a ChildProcess',
  Worker: 'a worker thread',
  MessagePort: 'a MessagePort',
  FileHandle: 'a FileHandle',
  FSWatcher: 'an fs.FSWatcher',
  Timeout: 'a timer',
  Immediate: 'a timer',
  Interface: 'a readline interface',
  ReadableStream: 'a stream',
  WritableStream: 'a stream',
  Hash: 'a crypto.Hash',
  Hmac: 'a crypto.Hmac',
  KeyObject: 'a crypto.KeyObject',
  AbortSignal: 'an AbortSignal',
  AbortController: 'an AbortController',
};
