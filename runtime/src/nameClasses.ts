/** Bundlers rename classes that mention themselves, and shorten names; what people see is the name they import. */
export function nameClasses(api: object): void {
  for (const [name, value] of Object.entries(api)) {
    if (typeof value === 'function' && value.name !== name)
      Object.defineProperty(value, 'name', { value: name, configurable: true });
  }
}
