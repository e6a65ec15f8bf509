import { inspector } from '../lazyNode.js';

/** Where V8 has a function: its script, and its place in it, both counted from 0. */
export interface Place {
  readonly scriptId: string;
  readonly url: string;
  readonly line: number;
  readonly column: number;
}

type Callable = (...args: never[]) => unknown;

/** How a function is handed to the inspector and back; present only during a look-up. */
const SLOT = Symbol.for('manycore.inspected');
const IN_SLOT = "globalThis[Symbol.for('manycore.inspected')]";

const places = new WeakMap<Callable, Place>();
/** Script ids are never used twice, so what was once told stays true. */
const urls = new Map<string, string>();

/** A session to this very thread: every `post` answers before it returns. */
class Probe {
  readonly #session = new (inspector().Session)();
  #debugging = false;

  constructor() {
    this.#session.connect();
  }

  post<T>(method: string, params: object): T {
    let result: unknown;
    let failure: Error | null = null;
    this.#session.post(method, params, (error, answer) => {
      failure = error;
      result = answer;
    });
    if (failure !== null) throw failure as Error;
    return result as T;
  }

  /** The inspector's name for a value. */
  handOver(value: unknown): string {
    Reflect.set(globalThis, SLOT, value);
    try {
      return this.post<{ result: { objectId: string } }>('Runtime.evaluate', { expression: IN_SLOT }).result.objectId;
    } finally {
      Reflect.deleteProperty(globalThis, SLOT);
    }
  }

  /** The value behind the inspector's name for it. */
  takeBack(objectId: string): unknown {
    const functionDeclaration = `function () { ${IN_SLOT} = this; }`;
    try {
      this.post('Runtime.callFunctionOn', { objectId, functionDeclaration });
      return Reflect.get(globalThis, SLOT) as unknown;
    } finally {
      Reflect.deleteProperty(globalThis, SLOT);
    }
  }

  /** Learns the URLs of all scripts. While debugging is on, `await` is ten times slower: `close` comes at once. */
  debug(): void {
    if (this.#debugging) return;
    this.#debugging = true;
    this.#session.on('Debugger.scriptParsed', ({ params }) => urls.set(params.scriptId, params.url));
    this.post('Debugger.enable', {});
  }

  close(): void {
    if (this.#debugging) this.post('Debugger.disable', {});
    this.#session.disconnect();
  }
}

function probing<T>(work: (probe: Probe) => T): T {
  const probe = new Probe();
  try {
    return work(probe);
  } finally {
    probe.close();
  }
}

interface Property {
  readonly name: string;
  readonly value?: { readonly objectId?: string; readonly description?: string; readonly value?: unknown };
}
interface Properties {
  readonly result: readonly Property[];
  readonly internalProperties?: readonly Property[];
}

function propertiesOf(probe: Probe, objectId: string): Properties {
  return probe.post('Runtime.getProperties', { objectId, ownProperties: true });
}

/** Where a function was written; null for native and bound functions and proxies. Throws when inspecting is forbidden. */
export function locate(fn: Callable): Place | null {
  const known = places.get(fn);
  if (known !== undefined) return known;
  return probing(probe => {
    const { internalProperties } = propertiesOf(probe, probe.handOver(fn));
    const found = internalProperties?.find(property => property.name === '[[FunctionLocation]]')?.value?.value;
    if (found === undefined) return null;
    const { scriptId, lineNumber, columnNumber } = found as {
      scriptId: string;
      lineNumber: number;
      columnNumber: number;
    };
    if (!urls.has(scriptId)) probe.debug();
    const url = urls.get(scriptId) ?? '';
    // Its source is wanted next: while debugging is on, asking for it costs nothing.
    if (url.startsWith('file:') && !sources.has(scriptId)) fetchSource(probe, scriptId);
    const place = { scriptId, url, line: lineNumber, column: columnNumber };
    places.set(fn, place);
    return place;
  });
}

/** Whether V8 has compiled a script from that URL. Throws when inspecting is forbidden. */
export function hasScript(url: string): boolean {
  const isKnown = (): boolean => [...urls.values()].includes(url);
  if (isKnown()) return true;
  probing(probe => probe.debug());
  return isKnown();
}

/** The sources asked for last: functions of one module are often sent together. */
const sources = new Map<string, string>();
const SOURCES_KEPT = 16;

/** The text V8 compiled: after type stripping or any other transformation. */
export function sourceOf(scriptId: string): string {
  return sources.get(scriptId) ?? probing(probe => fetchSource(probe, scriptId));
}

function fetchSource(probe: Probe, scriptId: string): string {
  probe.debug();
  const { scriptSource } = probe.post<{ scriptSource: string }>('Debugger.getScriptSource', { scriptId });
  for (const oldest of sources.keys()) if (sources.size >= SOURCES_KEPT) sources.delete(oldest);
  sources.set(scriptId, scriptSource);
  return scriptSource;
}

/**
 * The value of a top-level variable of the ES module that `witness` was written in; undefined when there is none. The
 * only way to reach an export without a turn of the event loop, and while the module is still waiting at its top level.
 */
export function moduleVariable(witness: Callable, name: string): unknown {
  return probing(probe => {
    probe.debug();
    const { internalProperties } = propertiesOf(probe, probe.handOver(witness));
    const scopes = internalProperties?.find(property => property.name === '[[Scopes]]')?.value?.objectId;
    if (scopes === undefined) return undefined;
    for (const scope of propertiesOf(probe, scopes).result) {
      if (scope.value?.objectId === undefined || !/^Module\b/.test(scope.value.description ?? '')) continue;
      const variable = propertiesOf(probe, scope.value.objectId).result.find(property => property.name === name);
      if (variable?.value?.objectId !== undefined) return probe.takeBack(variable.value.objectId);
    }
    return undefined;
  });
}
