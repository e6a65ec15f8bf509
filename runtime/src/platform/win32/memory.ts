import fs from 'node:fs';
import path from 'node:path';
import { OSError } from '../../errors.js';
import type { Koffi } from '../koffi.js';
import { plainly } from '../plainly.js';
import type { Mapping } from '../platform.js';
import { programsRoot } from '../programsRoot.js';
import {
  CREATE_NEW,
  ERROR_INVALID_PARAMETER,
  FILE_ATTRIBUTE_TEMPORARY,
  FILE_SHARE_DELETE,
  FILE_SHARE_READ,
  FILE_SHARE_WRITE,
  GENERIC_READ_WRITE,
  INVALID_HANDLE,
  OPEN_ALWAYS,
  OPEN_EXISTING,
  THIS_PROCESS,
  type Api,
  type Placeholders,
} from './api.js';

const PAGE = 4096;
const PAGE_NOACCESS = 1;
const PAGE_READWRITE = 4;
const FILE_MAP_READ_WRITE = 6;
const MEM_COMMIT = 0x1000;
const MEM_RESERVE = 0x2000;
const MEM_REPLACE_PLACEHOLDER = 0x4000;
const MEM_RELEASE = 0x8000;
const MEM_RESERVE_PLACEHOLDER = 0x4_0000;
const MEM_PRESERVE_PLACEHOLDER = 2;
const EVERYBODY = FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE;
/** The size of BY_HANDLE_FILE_INFORMATION, and where in it the file's size and number are. */
const INFORMATION_BYTES = 52;
const SIZE_HIGH_B = 32;
const SIZE_LOW_B = 36;
const INDEX_HIGH_B = 44;
const INDEX_LOW_B = 48;

/** How many names of mapped files are tried to be removed at each release. */
const MOST_TRIES = 16;

/** Memory that this process has mapped. */
export interface Mapped {
  readonly address: number;
  readonly i32: Int32Array;
  /** The number of the file on its volume, in two words: the same in every process. */
  readonly fileLow: number;
  readonly fileHigh: number;
}

/** Files of shared memory, mapped. */
export class Win32Memory {
  readonly #koffi: Koffi;
  readonly #api: Api;
  #placeholders: Placeholders | undefined;
  /** By address, so that a word can be told by its file and its place in it. */
  readonly #mapped: Mapped[] = [];
  /** Files whose names are to go, and that are still mapped somewhere. */
  readonly #doomed = new Set<string>();
  readonly #collected = new FinalizationRegistry<() => void>(free => free());

  constructor(koffi: Koffi, api: Api) {
    this.#koffi = koffi;
    this.#api = api;
    this.#placeholders = api.placeholders;
  }

  create(file: string, byteLength: number): Mapping {
    // Whole pages: a view and the address space held for it must have the same length.
    const room = Math.ceil(byteLength / PAGE) * PAGE;
    const handle = this.#openFile(file, CREATE_NEW);
    try {
      return this.#map(handle, room, byteLength, file);
    } catch (error) {
      fs.rmSync(file, { force: true });
      throw error;
    }
  }

  open(file: string): Mapping {
    return this.#map(this.#openFile(file, OPEN_EXISTING), 0, 0, file);
  }

  /** Opens the file or makes it, with at least so many bytes. */
  openOrCreate(file: string, byteLength: number): Mapping {
    return this.#map(this.#openFile(file, OPEN_ALWAYS), Math.ceil(byteLength / PAGE) * PAGE, byteLength, file);
  }

  remove(file: string): void {
    if (!unlink(file)) this.#doomed.add(file);
  }

  /** The piece of memory that an address lies in. */
  find(address: number): Mapped | undefined {
    const found = this.#mapped[this.#indexBelow(address)];
    return found !== undefined && address < found.address + found.i32.byteLength ? found : undefined;
  }

  #openFile(file: string, disposition: number): number {
    const name = path.toNamespacedPath(file);
    const { CreateFileW, failure } = this.#api;
    const handle = Number(
      CreateFileW(name, GENERIC_READ_WRITE, EVERYBODY, 0, disposition, FILE_ATTRIBUTE_TEMPORARY, 0),
    );
    if (handle === INVALID_HANDLE) throw failure(`open ${file}`);
    return handle;
  }

  /** Closes `handle`, whatever comes of it: a view keeps the file open by itself. */
  #map(handle: number, room: number, byteLength: number, file: string): Mapping {
    const api = this.#api;
    try {
      const information = Buffer.alloc(INFORMATION_BYTES);
      // To be mapped larger than it is makes a file grow, with all its room taken.
      const section = Number(
        api.CreateFileMappingW(handle, 0, PAGE_READWRITE, Math.floor(room / 2 ** 32), room >>> 0, null),
      );
      if (section === 0) throw this.#noRoom(room, file);
      try {
        if (Number(api.GetFileInformationByHandle(handle, information)) === 0) throw api.failure(`look at ${file}`);
        const size = information.readUInt32LE(SIZE_HIGH_B) * 2 ** 32 + information.readUInt32LE(SIZE_LOW_B);
        const address = this.#view(section, size);
        const length = byteLength === 0 ? size : byteLength;
        const buffer = this.#koffi.view(BigInt(address), length);
        const mapped: Mapped = {
          address,
          i32: new Int32Array(buffer, 0, length >>> 2),
          fileLow: information.readInt32LE(INDEX_LOW_B),
          fileHigh: information.readInt32LE(INDEX_HIGH_B),
        };
        this.#mapped.splice(this.#indexBelow(address) + 1, 0, mapped);
        let released = false;
        const release = (): void => {
          if (released) return;
          released = true;
          this.#mapped.splice(this.#mapped.indexOf(mapped), 1);
          this.#release(address, size, buffer);
          this.#removeDoomed();
        };
        return { address, byteLength: length, buffer, release };
      } finally {
        api.CloseHandle(section);
      }
    } finally {
      api.CloseHandle(handle);
    }
  }

  /**
   * Maps into address space that is reserved before, because only there a mapping can be replaced by other memory
   * without a moment in which another thread's memory could come to lie there.
   */
  #view(section: number, size: number): number {
    const { MapViewOfFile, VirtualFree, lastError, failure } = this.#api;
    const placeholders = this.#placeholders;
    if (placeholders === undefined) {
      const address = Number(MapViewOfFile(section, FILE_MAP_READ_WRITE, 0, 0, 0));
      if (address === 0) throw failure(`map ${size} bytes`);
      return address;
    }
    const reserve = MEM_RESERVE | MEM_RESERVE_PLACEHOLDER;
    const held = Number(placeholders.VirtualAlloc2(THIS_PROCESS, 0, size, reserve, PAGE_NOACCESS, 0, 0));
    if (held === 0) {
      if (lastError() !== ERROR_INVALID_PARAMETER) throw failure(`reserve ${size} bytes of address space`);
      // The function is there and does not know placeholders yet.
      this.#placeholders = undefined;
      return this.#view(section, size);
    }
    const { MapViewOfFile3 } = placeholders;
    if (
      Number(MapViewOfFile3(section, THIS_PROCESS, held, 0, size, MEM_REPLACE_PLACEHOLDER, PAGE_READWRITE, 0, 0)) === 0
    ) {
      const error = failure(`map ${size} bytes`);
      VirtualFree(held, 0, MEM_RELEASE);
      throw error;
    }
    return held;
  }

  /**
   * Puts zeroed memory of this process's own in the place of the shared one, until the last view of it is collected.
   * Without placeholders the view stays what it is until then: a gap in which the address belongs to nobody could be
   * filled by another thread, and who writes to a stale view would write into that thread's memory.
   */
  #release(address: number, size: number, buffer: ArrayBuffer): void {
    const { UnmapViewOfFile, VirtualFree } = this.#api;
    const placeholders = this.#placeholders;
    if (placeholders === undefined) {
      this.#collected.register(buffer, () => {
        UnmapViewOfFile(address);
        this.#removeDoomed();
      });
      return;
    }
    placeholders.UnmapViewOfFile2(THIS_PROCESS, address, MEM_PRESERVE_PLACEHOLDER);
    const commit = MEM_RESERVE | MEM_COMMIT | MEM_REPLACE_PLACEHOLDER;
    const zeroed = Number(placeholders.VirtualAlloc2(THIS_PROCESS, address, size, commit, PAGE_READWRITE, 0, 0));
    if (zeroed === 0) throw this.#api.failure(`give back ${size} bytes`);
    this.#collected.register(buffer, () => void VirtualFree(address, 0, MEM_RELEASE));
  }

  /** Windows refuses to remove the name of a file that any process has mapped; it is tried again after each release. */
  #removeDoomed(): void {
    let left = Math.min(this.#doomed.size, MOST_TRIES);
    for (const file of this.#doomed) {
      if (left-- === 0) return;
      this.#doomed.delete(file);
      if (!unlink(file)) this.#doomed.add(file); // behind all others, whose turn is next time
    }
  }

  /** The index of the last piece that starts at `address` or below; -1 when there is none. */
  #indexBelow(address: number): number {
    let [low, high] = [0, this.#mapped.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      const piece = this.#mapped[middle];
      if (piece !== undefined && piece.address <= address) low = middle + 1;
      else high = middle;
    }
    return low - 1;
  }

  #noRoom(byteLength: number, file: string): OSError {
    const error = this.#api.failure(byteLength === 0 ? `map ${file}` : `reserve ${byteLength} bytes`);
    if (error.code !== 'ENOSPC') return error;
    const message =
      `cannot reserve ${byteLength} bytes of shared memory in ${programsRoot()}: ENOSPC. ` +
      `The disk is full: free some, or set MANYCORE_DIR to a folder on another.`;
    return plainly(() => new OSError('ENOSPC', message));
  }
}

/** False when the name is still there. */
function unlink(file: string): boolean {
  try {
    fs.unlinkSync(file);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENOENT';
  }
}
