import type AsyncHooks from 'node:async_hooks';
import type Buffers from 'node:buffer';
import type ChildProcess from 'node:child_process';
import type Crypto from 'node:crypto';
import type Inspector from 'node:inspector';
import type NodeModules from 'node:module';
import type Net from 'node:net';
import type Os from 'node:os';
import type V8 from 'node:v8';
import type Vm from 'node:vm';
import type WorkerThreads from 'node:worker_threads';

/**
 * The `require` of the bundle's file. Under a name of its own the bundler leaves it alone: what is loaded through it is
 * loaded when it is asked for. (One more from `createRequire` would take two milliseconds of every child's start.)
 */
export const requireHere: NodeJS.Require = require;

/**
 * Node's own modules that take up to three milliseconds to load and that a child does without, unless it starts
 * processes of its own or waits for something.
 */
export const asyncHooks = (): typeof AsyncHooks => requireHere('node:async_hooks') as typeof AsyncHooks;
export const buffers = (): typeof Buffers => requireHere('node:buffer') as typeof Buffers;
export const childProcess = (): typeof ChildProcess => requireHere('node:child_process') as typeof ChildProcess;
export const crypto = (): typeof Crypto => requireHere('node:crypto') as typeof Crypto;
export const inspector = (): typeof Inspector => requireHere('node:inspector') as typeof Inspector;
export const nodeModule = (): typeof NodeModules => requireHere('node:module') as typeof NodeModules;
export const net = (): typeof Net => requireHere('node:net') as typeof Net;
export const os = (): typeof Os => requireHere('node:os') as typeof Os;
export const workerThreads = (): typeof WorkerThreads => requireHere('node:worker_threads') as typeof WorkerThreads;
export const v8 = (): typeof V8 => requireHere('node:v8') as typeof V8;
export const vm = (): typeof Vm => requireHere('node:vm') as typeof Vm;
