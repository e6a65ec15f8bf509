import { FakeKoffi } from './fakeKoffi.js';

const [READ, WRITE] = [0x8000_0000, 0x4000_0000];
const SHARE_WRITE = 2;
/** Windows' numbers of errors. */
export const Failure = { absent: 2, denied: 5, sharing: 32, exists: 80, invalid: 87, full: 112 } as const;

interface OpenFile {
  readonly file: File;
  readonly access: number;
  readonly share: number;
  handles: number;
}

interface File {
  readonly name: string;
  readonly index: number;
  size: number;
  readonly opened: Set<OpenFile>;
}

interface Event {
  readonly name: string;
  isSet: boolean;
}

/**
 * As much of Windows as the library stands on: files with share modes, handles that can be duplicated into other
 * processes, sections, named events. Every `process` has handles of its own, and they close when it ends.
 */
export class FakeWindows {
  readonly files = new Map<string, File>();
  readonly processes = new Map<number, FakeProcess>();
  readonly events = new Map<string, Event>();
  /** So many bytes fit on the disk. */
  room = Infinity;
  /** Functions that this version does not have. */
  readonly missing: string[];
  nextAddress = 0x10_0000;
  nextIndex = 100;

  constructor(missing: string[] = []) {
    this.missing = missing;
  }

  start(pid: number): FakeProcess {
    const started = new FakeProcess(this, pid);
    this.processes.set(pid, started);
    return started;
  }
}

export class FakeProcess {
  readonly fake: FakeKoffi;
  readonly #windows: FakeWindows;
  readonly #pid: number;
  readonly #handles = new Map<number, OpenFile | Event | FakeProcess | { section: File }>();
  #nextHandle = 0x10;
  #lastError = 0;
  /** Runs while a thread of this process waits for an event that is not set. */
  whileWaiting = (): void => undefined;
  refusesPlaceholders = false;

  constructor(windows: FakeWindows, pid: number) {
    this.#windows = windows;
    this.#pid = pid;
    const table = Object.entries(this.#functions()).filter(([name]) => !windows.missing.includes(name));
    this.fake = new FakeKoffi(Object.fromEntries(table) as never);
  }

  end(): void {
    this.#windows.processes.delete(this.#pid);
    for (const handle of [...this.#handles.keys()]) this.#close(handle);
  }

  get openHandles(): number {
    return this.#handles.size;
  }

  #fail(error: number, result = 0): number {
    this.#lastError = error;
    return result;
  }

  #hand(what: OpenFile | Event | FakeProcess | { section: File }): number {
    this.#handles.set((this.#nextHandle += 4), what);
    return this.#nextHandle;
  }

  #close(handle: number): number {
    const what = this.#handles.get(handle);
    if (what === undefined) throw new Error(`handle ${handle} is closed twice, or none`);
    this.#handles.delete(handle);
    if ('opened' in what || !('handles' in what)) return 1;
    if (--what.handles === 0) what.file.opened.delete(what);
    return 1;
  }

  #get<T>(handle: number): T {
    const what = this.#handles.get(handle);
    if (what === undefined) throw new Error(`no handle ${handle}`);
    return what as T;
  }

  #open(name: string, access: number, share: number, disposition: number): number {
    const { files } = this.#windows;
    let file = files.get(name);
    if (file === undefined) {
      if (disposition === 3) return this.#fail(Failure.absent, -1);
      file = { name, index: this.#windows.nextIndex++, size: 0, opened: new Set() };
      files.set(name, file);
    } else if (disposition === 1) return this.#fail(Failure.exists, -1);
    if ((access & (READ | WRITE)) >>> 0 !== (READ | WRITE) >>> 0) throw new Error('only reading and writing is faked');
    for (const other of file.opened) {
      // Everybody asks for writing, so everybody must share it with everybody.
      if ((other.share & SHARE_WRITE) === 0 || (share & SHARE_WRITE) === 0) return this.#fail(Failure.sharing, -1);
    }
    const opened: OpenFile = { file, access, share, handles: 1 };
    file.opened.add(opened);
    return this.#hand(opened);
  }

  #functions(): Record<string, (...args: never[]) => number> {
    const windows = this.#windows;
    const address = (): number => (windows.nextAddress += 0x10_0000);
    return {
      GetLastError: () => this.#lastError,
      CloseHandle: (handle: number) => this.#close(handle),
      CreateFileW: (name: string, access: number, share: number, _security: number, disposition: number) =>
        this.#open(name, access, share, disposition),
      CreateFileMappingW: (handle: number, _security: number, _protect: number, high: number, low: number) => {
        const { file } = this.#get<OpenFile>(handle);
        const size = Math.max(file.size, high * 2 ** 32 + low);
        if (size > windows.room) return this.#fail(Failure.full);
        file.size = size;
        return this.#hand({ section: file });
      },
      GetFileInformationByHandle: (handle: number, information: Buffer) => {
        const { file } = this.#get<OpenFile>(handle);
        information.writeUInt32LE(Math.floor(file.size / 2 ** 32), 32);
        information.writeUInt32LE(file.size >>> 0, 36);
        information.writeUInt32LE(0xffff_ff00, 44);
        information.writeUInt32LE(file.index, 48);
        return 1;
      },
      MapViewOfFile: (section: number) => this.#place(address(), this.#get<{ section: File }>(section).section),
      UnmapViewOfFile: () => 1,
      VirtualFree: () => 1,
      VirtualAlloc2: (_process: number, at: number) => {
        if (this.refusesPlaceholders) return this.#fail(Failure.invalid);
        return at === 0 ? address() : at;
      },
      MapViewOfFile3: (section: number, _process: number, at: number) =>
        this.#place(at, this.#get<{ section: File }>(section).section),
      UnmapViewOfFile2: () => 1,
      OpenProcess: (_access: number, _inherit: number, pid: number) => {
        const process = windows.processes.get(pid);
        return process === undefined ? this.#fail(Failure.invalid) : this.#hand(process);
      },
      DuplicateHandle: (_from: number, handle: number, to: number) => {
        const opened = this.#get<OpenFile>(handle);
        opened.handles++;
        this.#get<FakeProcess>(to).#hand(opened);
        return 1;
      },
      CreateEventW: (_security: number, _manual: number, initial: number, name: string) => {
        const event = windows.events.get(name) ?? { name, isSet: initial !== 0 };
        windows.events.set(name, event);
        return this.#hand(event);
      },
      OpenEventW: (_access: number, _inherit: number, name: string) => {
        const event = windows.events.get(name);
        return event === undefined ? this.#fail(Failure.absent) : this.#hand(event);
      },
      SetEvent: (handle: number) => {
        this.#get<Event>(handle).isSet = true;
        return 1;
      },
      WaitForSingleObject: (handle: number) => {
        const event = this.#get<Event>(handle);
        if (!event.isSet) this.whileWaiting();
        const was = event.isSet;
        event.isSet = false;
        return was ? 0 : 258;
      },
    };
  }

  /** All views of a file are the same memory. */
  #place(at: number, file: File): number {
    const first = shared.get(file) ?? new ArrayBuffer(Math.min(file.size, 2 ** 20));
    shared.set(file, first);
    this.fake.memory.set(at, first);
    return at;
  }
}

const shared = new WeakMap<File, ArrayBuffer>();
