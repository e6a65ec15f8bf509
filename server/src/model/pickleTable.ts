/**
 * Types of the platform whose instances surely cannot travel, by the package or library that declares them. Matched by
 * symbol and declaring file; anything not named here is left alone.
 */

/** Of the web platform, which Node has too: its types come from TypeScript's DOM library or from `@types/node`. */
const webBad: Record<string, string> = {
  AbortSignal: 'an AbortSignal',
  AbortController: 'an AbortController',
  Blob: 'a Blob',
  File: 'a File',
  FormData: 'a FormData',
  Headers: 'a Headers',
  Request: 'a Request',
  Response: 'a Response',
  Event: 'an event',
  EventTarget: 'an EventTarget',
  TextDecoder: 'a TextDecoder',
  TextEncoder: 'a TextEncoder',
  MessageChannel: 'a MessageChannel',
  MessagePort: 'a MessagePort',
  BroadcastChannel: 'a BroadcastChannel',
  WebSocket: 'a WebSocket',
  ReadableStream: 'a stream',
  WritableStream: 'a stream',
  TransformStream: 'a stream',
  CompressionStream: 'a stream',
  DecompressionStream: 'a stream',
};

/** Of the language itself (TypeScript's lib files). */
export const languageBad: Record<string, string> = {
  ...webBad,
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
  Collator: 'an Intl.Collator',
  DateTimeFormat: 'an Intl.DateTimeFormat',
  DisplayNames: 'an Intl.DisplayNames',
  ListFormat: 'an Intl.ListFormat',
  NumberFormat: 'an Intl.NumberFormat',
  PluralRules: 'an Intl.PluralRules',
  RelativeTimeFormat: 'an Intl.RelativeTimeFormat',
  Segmenter: 'an Intl.Segmenter',
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
  ...webBad,
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
  FileHandle: 'a FileHandle',
  FSWatcher: 'an fs.FSWatcher',
  Timeout: 'a timer',
  Immediate: 'a timer',
  Interface: 'a readline interface',
  Hash: 'a crypto.Hash',
  Hmac: 'a crypto.Hmac',
  KeyObject: 'a crypto.KeyObject',
};
