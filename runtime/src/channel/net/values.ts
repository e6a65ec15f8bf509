import {
  decodeForeign,
  decodeForeignAsync,
  encodeForeign,
  ForeignPolicy,
  NeedsModules,
  refuseThenable,
  type AllowModules,
} from '../../pickle/index.js';
import type { Taken } from '../inbox.js';
import { refuseSync } from './refuseSync.js';
import type { Outgoing, Values } from '../transport.js';

/** Values between programs: messages that hold all they need, and that name only what the receiver lets them. */
export function foreignValues(allowModules: AllowModules | undefined): Values {
  if (allowModules === undefined) return (standard ??= valuesBy(new ForeignPolicy()));
  return valuesBy(new ForeignPolicy(allowModules));
}

let standard: Values | undefined;

function valuesBy(policy: ForeignPolicy): Values {
  const options = { allowModules: policy };
  return {
    toMessage: (value): Outgoing => {
      const bytes = encodeForeign(value);
      return { bytes, start: 0, end: bytes.length, isOwn: true };
    },
    useAsync: <T>(bytes: Buffer, start: number, end: number): Taken<T> => {
      try {
        // Whoever receives it resolves a promise with it.
        return { value: refuseThenable(decodeForeign(bytes, start, end, options)) as T };
      } catch (error) {
        if (!(error instanceof NeedsModules)) throw error;
        return { loading: decodeForeignAsync(bytes, start, end, options) as Promise<T> };
      }
    },
    useSync: refuseSync,
  };
}
