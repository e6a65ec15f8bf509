/** How much of an argument, and of a whole call, a reader of the process table gets to see. */
const ARGUMENT = 40;
const CALL = 120;

/** `resize('a.png', 200)`: what a worker does, short and cheap; strings are cut, objects only named. */
export function callText(name: string, args: readonly unknown[]): string {
  let text = '';
  for (const arg of args) {
    text += text === '' ? preview(arg) : `, ${preview(arg)}`;
    if (text.length > CALL) return `${name}(${text.slice(0, CALL)}…)`;
  }
  return `${name}(${text})`;
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
      return value.name === '' ? 'function' : value.name;
    case 'object':
      return previewObject(value);
  }
}

function previewObject(value: object | null): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return `[${value.length}]`;
  if (ArrayBuffer.isView(value)) return `${value.constructor.name}(${value.byteLength})`;
  const constructor: unknown = Reflect.get(value, 'constructor');
  return typeof constructor === 'function' && constructor !== Object ? constructor.name : '{…}';
}
