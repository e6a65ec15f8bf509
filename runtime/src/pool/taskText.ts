/** How much of an argument, and of a whole call, a reader of the process table gets to see. */
const ARGUMENT = 40;
const CALL = 120;

/**
 * `resize('a.png', 200)`: what a worker does, short and cheap; strings are cut, objects only named. Never throws,
 * whatever the arguments do to who looks at them.
 */
export function callText(name: string, args: readonly unknown[]): string {
  let text = '';
  for (const arg of args) {
    const shown = shownAs(arg);
    text += text === '' ? shown : `, ${shown}`;
    if (text.length > CALL) return `${name}(${text.slice(0, CALL)}…)`;
  }
  return `${name}(${text})`;
}

/** A function's name, which may be anything its module has made of it. */
export function nameOf(f: { readonly name: unknown }): string {
  try {
    return typeof f.name === 'string' && f.name !== '' ? f.name : 'anonymous';
  } catch {
    return 'anonymous';
  }
}

function shownAs(arg: unknown): string {
  try {
    return preview(arg);
  } catch {
    return '?';
  }
}

export const chunkText = (name: string, length: number): string => `${name} × ${length}`;

function preview(value: unknown): string {
  switch (typeof value) {
    case 'string':
      return value.length <= ARGUMENT ? `'${value}'` : `'${value.slice(0, ARGUMENT)}…'`;
    case 'number':
    case 'boolean':
    case 'undefined':
      return String(value);
    case 'bigint':
      return 'bigint';
    case 'symbol':
      return 'symbol';
    case 'function':
      return value.name === '' ? 'function' : nameOf(value);
    case 'object':
      return previewObject(value);
  }
}

function previewObject(value: object | null): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return `[${value.length}]`;
  if (ArrayBuffer.isView(value)) return `${nameOf(value.constructor)}(${value.byteLength})`;
  const constructor: unknown = Reflect.get(value, 'constructor');
  return typeof constructor === 'function' && constructor !== Object ? nameOf(constructor) : '{…}';
}
