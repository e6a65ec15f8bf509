import fs from 'node:fs';
import path from 'node:path';
import { OSError, ValueError } from '../../errors.js';
import { crypto, os } from '../../lazyNode.js';

export type Family = 'AF_INET' | 'AF_UNIX' | 'AF_PIPE';

/**
 * Where a listener listens: `[host, port]` or `{ host, port }`; the path of a Unix socket (or, on Linux, `'\0'` and an
 * abstract name); on Windows `\\.\pipe\…`.
 */
export type Address = string | readonly [host: string, port: number] | { readonly host: string; readonly port: number };

const isWindows = process.platform === 'win32';

/** The families of this system (Python: `multiprocessing.connection.families`). */
export const families: readonly Family[] = isWindows ? ['AF_INET', 'AF_PIPE'] : ['AF_INET', 'AF_UNIX'];

/** The family of a listener that is given neither family nor address. */
export const defaultFamily: Family = isWindows ? 'AF_PIPE' : 'AF_UNIX';

/** What `net` wants to listen or connect. */
export type Endpoint = { readonly path: string } | { readonly host: string; readonly port: number };

/** The family that an address is of (Python: `address_type`). Throws ValueError for what is no address. */
export function addressType(address: Address): Family {
  if (typeof address === 'string') return address.startsWith('\\\\') ? 'AF_PIPE' : 'AF_UNIX';
  const any: unknown = address;
  if (Array.isArray(any) || (typeof any === 'object' && any !== null && 'port' in any)) return 'AF_INET';
  throw new ValueError(`address type of ${String(any)} unrecognized`);
}

/** Throws ValueError for a family that this system does not have. */
export function checkFamily(family: Family): void {
  if (!families.includes(family)) throw new ValueError(`Family ${String(family)} is not recognized.`);
}

/** Throws TypeError for an address that is not of the family, OSError (`ENAMETOOLONG`) for a path that is too long. */
export function endpointOf(address: Address, family: Family): Endpoint {
  if (typeof address === 'string') {
    if (family === 'AF_INET') throw new TypeError('an address of AF_INET is [host, port] or { host, port }');
    // The room in the system's own structure; Node would cut the rest off in silence.
    const room = process.platform === 'linux' ? 107 : 103;
    if (family === 'AF_UNIX' && Buffer.byteLength(address) > room) {
      throw new OSError('ENAMETOOLONG', `AF_UNIX path too long: ${room} bytes at most: ${address}`);
    }
    return { path: address };
  }
  if (family !== 'AF_INET') throw new TypeError(`an address of ${family} is a string`);
  const [host, port]: readonly unknown[] = 'port' in address ? [address.host, address.port] : address;
  if (typeof host !== 'string' || !Number.isInteger(port)) {
    throw new TypeError('an address of AF_INET is a host, a string, and a port, an integer');
  }
  if ((port as number) < 0 || (port as number) > 65_535) throw new ValueError('port must be 0-65535.');
  // Who listens and who connects have to mean the same by it, whichever of its two addresses comes first here.
  return { host: host === 'localhost' ? '127.0.0.1' : host, port: port as number };
}

/** A free address of the family; `remove` takes away what was made for it. */
export function arbitraryAddress(family: Family): { address: Address; remove: () => void } {
  if (family === 'AF_INET') return { address: ['127.0.0.1', 0], remove: () => undefined };
  if (family === 'AF_PIPE') {
    const name = `manycore-${process.pid}-${crypto().randomBytes(8).toString('hex')}`;
    return { address: `\\\\.\\pipe\\${name}`, remove: () => undefined };
  }
  // A folder that only this user may enter: the socket itself asks nobody.
  const dir = fs.mkdtempSync(path.join(os().tmpdir(), 'manycore-'));
  return { address: path.join(dir, 'listener'), remove: () => fs.rmSync(dir, { recursive: true, force: true }) };
}
