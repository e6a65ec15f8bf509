/** What two values differ in, as a path and both sides; undefined when they are the same, cycles and identity included. */
export function difference(a: unknown, b: unknown): string | undefined {
  return compare(a, b, 'value', new Map());
}

function compare(a: unknown, b: unknown, path: string, met: Map<object, object>): string | undefined {
  if (Object.is(a, b)) return undefined;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null)
    return `${path}: ${show(a)} and ${show(b)}`;
  const known = met.get(a);
  if (known !== undefined) return known === b ? undefined : `${path}: another object than before`;
  met.set(a, b);
  if (Object.getPrototypeOf(a) !== Object.getPrototypeOf(b)) return `${path}: of different classes`;
  return compareContents(a, b, path, met) ?? compareProperties(a, b, path, met);
}

function compareContents(a: object, b: object, path: string, met: Map<object, object>): string | undefined {
  if (a instanceof Map && b instanceof Map) return compare([...a], [...b], `${path}(entries)`, met);
  if (a instanceof Set && b instanceof Set) return compare([...a], [...b], `${path}(elements)`, met);
  if (ArrayBuffer.isView(a) && ArrayBuffer.isView(b)) {
    // Of a buffer only the part in use travels, so the offset may differ.
    const sides = [a, b].map(view => Buffer.from(view.buffer, view.byteOffset, view.byteLength).toString('hex'));
    return sides[0] === sides[1] ? undefined : `${path}: ${sides.join(' and ')}`;
  }
  if (a instanceof ArrayBuffer && b instanceof ArrayBuffer)
    return compareContents(new Uint8Array(a), new Uint8Array(b), path, met);
  if (a instanceof Date && b instanceof Date) return compare(a.getTime(), b.getTime(), path, met);
  if (a instanceof RegExp && b instanceof RegExp)
    return compare([a.source, a.flags, a.lastIndex], [b.source, b.flags, b.lastIndex], path, met);
  if (a instanceof Error && b instanceof Error) {
    for (const key of ['message', 'name', 'stack', 'cause', 'errors'] as const) {
      if (Object.hasOwn(a, key) !== Object.hasOwn(b, key) && key !== 'name') return `${path}.${key}: only one has it`;
      const found = compare(Reflect.get(a, key), Reflect.get(b, key), `${path}.${key}`, met);
      if (found !== undefined) return found;
    }
    return undefined;
  }
  if (a instanceof URL || a instanceof URLSearchParams) return compare(String(a), String(b), path, met);
  const primitives = [a, b].map(each => (each.valueOf as (() => unknown) | undefined)?.call(each));
  return typeof primitives[0] === 'object' ? undefined : compare(primitives[0], primitives[1], path, met);
}

function compareProperties(a: object, b: object, path: string, met: Map<object, object>): string | undefined {
  if (ArrayBuffer.isView(a)) return undefined;
  const keys = Object.keys(a);
  const others = Object.keys(b);
  if (keys.length !== others.length || keys.some((key, i) => key !== others[i]))
    return `${path}: keys ${show(keys)} and ${show(others)}`;
  if (Array.isArray(a) && a.length !== (b as unknown[]).length) return `${path}.length`;
  for (const key of keys) {
    const found = compare(Reflect.get(a, key), Reflect.get(b, key), `${path}[${JSON.stringify(key)}]`, met);
    if (found !== undefined) return found;
  }
  return undefined;
}

const show = (value: unknown): string => (typeof value === 'object' ? JSON.stringify(value) : String(value));
