import { requireHere } from './lazyNode.js';

/** What most processes never need: bundles of their own beside the library's, loaded when first asked for. */
export type PartName = 'parser' | 'progressBar';

const provided = new Map<PartName, unknown>();

/** For the build that bundlers take in: nothing lies beside a bundle, so it has its parts inside. */
export function providePart(name: PartName, exports: unknown): void {
  provided.set(name, exports);
}

/** The exports of a part. Throws what `require` throws where it is missing. */
export const part = (name: PartName): unknown => provided.get(name) ?? requireHere(`./${name}.cjs`);
