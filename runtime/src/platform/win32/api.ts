import { OSError } from '../../errors.js';
import type { Koffi } from '../koffi.js';
import { bind, bindIfThere, type Native } from '../symbols.js';

/** The functions of Windows that are used, by their own names; handles and addresses are numbers. */
export interface Api {
  readonly CreateFileW: Native;
  readonly CreateFileMappingW: Native;
  readonly CloseHandle: Native;
  readonly GetFileInformationByHandle: Native;
  readonly MapViewOfFile: Native;
  readonly UnmapViewOfFile: Native;
  readonly VirtualFree: Native;
  readonly OpenProcess: Native;
  readonly DuplicateHandle: Native;
  readonly CreateEventW: Native;
  readonly OpenEventW: Native;
  readonly SetEvent: Native;
  readonly WaitForSingleObject: Native;
  /** Address space that is held while what is mapped there changes; undefined before Windows 10 1803. */
  readonly placeholders: Placeholders | undefined;
  /** The last error of this thread, as Windows numbers them. */
  lastError(): number;
  /** The error of the call that has just failed. */
  failure(what: string): OSError;
}

export interface Placeholders {
  readonly VirtualAlloc2: Native;
  readonly MapViewOfFile3: Native;
  readonly UnmapViewOfFile2: Native;
}

/** What a function that returns a handle to a file returns when it has none. Others return 0. */
export const INVALID_HANDLE = -1;
/** This process, where a handle to a process is asked for. */
export const THIS_PROCESS = -1;

export const GENERIC_READ_WRITE = 0xc000_0000;
export const FILE_SHARE_READ = 1;
export const FILE_SHARE_WRITE = 2;
export const FILE_SHARE_DELETE = 4;
export const CREATE_NEW = 1;
export const OPEN_EXISTING = 3;
export const OPEN_ALWAYS = 4;
export const FILE_ATTRIBUTE_NORMAL = 0x80;
/** Windows keeps such a file in memory as long as it can, instead of writing it to the disk soon. */
export const FILE_ATTRIBUTE_TEMPORARY = 0x100;
export const ERROR_SHARING_VIOLATION = 32;
export const ERROR_INVALID_PARAMETER = 87;

const SINCE = 'Windows 10 or newer';

export function loadApi(koffi: Koffi): Api {
  const kernel32 = koffi.load('kernel32.dll');
  const find = (prototype: string): Native => bind(kernel32, prototype, SINCE);
  const GetLastError = find('uint32_t GetLastError()');
  const lastError = (): number => Number(GetLastError());
  return {
    CreateFileW: find(
      'intptr_t CreateFileW(str16 name, uint32_t access, uint32_t share, intptr_t security, uint32_t disposition, uint32_t attributes, intptr_t template)',
    ),
    CreateFileMappingW: find(
      'intptr_t CreateFileMappingW(intptr_t file, intptr_t security, uint32_t protect, uint32_t sizeHigh, uint32_t sizeLow, str16 name)',
    ),
    CloseHandle: find('int CloseHandle(intptr_t handle)'),
    GetFileInformationByHandle: find('int GetFileInformationByHandle(intptr_t file, void *information)'),
    MapViewOfFile: find(
      'intptr_t MapViewOfFile(intptr_t mapping, uint32_t access, uint32_t offsetHigh, uint32_t offsetLow, size_t size)',
    ),
    UnmapViewOfFile: find('int UnmapViewOfFile(intptr_t address)'),
    VirtualFree: find('int VirtualFree(intptr_t address, size_t size, uint32_t type)'),
    OpenProcess: find('intptr_t OpenProcess(uint32_t access, int inherit, uint32_t pid)'),
    DuplicateHandle: find(
      'int DuplicateHandle(intptr_t from, intptr_t handle, intptr_t to, void *copy, uint32_t access, int inherit, uint32_t options)',
    ),
    CreateEventW: find('intptr_t CreateEventW(intptr_t security, int manualReset, int initialState, str16 name)'),
    OpenEventW: find('intptr_t OpenEventW(uint32_t access, int inherit, str16 name)'),
    SetEvent: find('int SetEvent(intptr_t event)'),
    WaitForSingleObject: find('uint32_t WaitForSingleObject(intptr_t handle, uint32_t ms)'),
    placeholders: loadPlaceholders(koffi),
    lastError,
    failure: what => {
      const number = lastError();
      const name = ERRORS[number] ?? 'EIO';
      return new OSError(name, `${what} failed: ${name} (Windows error ${number})`);
    },
  };
}

/** They are in kernelbase.dll and, unlike the others, not in kernel32.dll. */
function loadPlaceholders(koffi: Koffi): Placeholders | undefined {
  let library;
  try {
    library = koffi.load('kernelbase.dll');
  } catch {
    return undefined;
  }
  const VirtualAlloc2 = bindIfThere(
    library,
    'intptr_t VirtualAlloc2(intptr_t process, intptr_t address, size_t size, uint32_t type, uint32_t protect, intptr_t parameters, uint32_t count)',
  );
  const MapViewOfFile3 = bindIfThere(
    library,
    'intptr_t MapViewOfFile3(intptr_t mapping, intptr_t process, intptr_t address, uint64_t offset, size_t size, uint32_t type, uint32_t protect, intptr_t parameters, uint32_t count)',
  );
  const UnmapViewOfFile2 = bindIfThere(
    library,
    'int UnmapViewOfFile2(intptr_t process, intptr_t address, uint32_t flags)',
  );
  if (VirtualAlloc2 === undefined || MapViewOfFile3 === undefined || UnmapViewOfFile2 === undefined) return undefined;
  return { VirtualAlloc2, MapViewOfFile3, UnmapViewOfFile2 };
}

/** Windows' numbers under the names that Node has for the same failures. */
const ERRORS: Readonly<Record<number, string>> = {
  2: 'ENOENT', // file not found
  3: 'ENOENT', // path not found
  4: 'EMFILE', // too many open files
  5: 'EACCES', // access denied
  6: 'EBADF', // invalid handle
  8: 'ENOMEM', // not enough memory
  14: 'ENOMEM', // out of memory
  19: 'EROFS', // write protected
  32: 'EBUSY', // sharing violation
  33: 'EBUSY', // lock violation
  39: 'ENOSPC', // disk full
  80: 'EEXIST', // file exists
  87: 'EINVAL', // invalid parameter
  112: 'ENOSPC', // disk full
  183: 'EEXIST', // already exists
  206: 'ENAMETOOLONG', // name too long
  223: 'EFBIG', // file too large
  1006: 'EINVAL', // a file of no bytes cannot be mapped
  1224: 'EBUSY', // the file is mapped
  1450: 'ENOMEM', // no system resources
  1455: 'ENOMEM', // commitment limit
  1816: 'ENOMEM', // quota
};
