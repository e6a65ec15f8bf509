/**
 * Handles: objects of this library (locks, queues, connections, …) that are names of something shared. A layer above
 * registers each class once, under a tag that is the same in every process; nothing but the runtime itself can.
 */

/** How one class of shared objects travels. */
export interface Handle {
  readonly tag: string;
  reduce(object: object): readonly unknown[];
  revive(args: readonly unknown[]): object;
}

const byPrototype = new Map<object, Handle>();
const byTag = new Map<string, Handle>();

/**
 * Registers `Class` under `tag`. `reduce` answers what names the object in any process, `revive` makes an object from
 * that. Instances of subclasses are not handles. Throws when the tag is taken.
 */
export function registerHandle<T extends object>(
  tag: string,
  Class: { readonly prototype: T },
  how: { reduce(object: T): readonly unknown[]; revive(args: readonly unknown[]): T },
): void {
  if (byTag.has(tag)) throw new Error(`a handle named '${tag}' is registered already`);
  // `reduce` only ever meets objects whose prototype is `Class.prototype`.
  const handle: Handle = { tag, reduce: object => how.reduce(object as T), revive: args => how.revive(args) };
  byTag.set(tag, handle);
  byPrototype.set(Class.prototype, handle);
}

export function handleOf(prototype: object): Handle | null {
  return byPrototype.get(prototype) ?? null;
}

export function handleNamed(tag: string): Handle | null {
  return byTag.get(tag) ?? null;
}
