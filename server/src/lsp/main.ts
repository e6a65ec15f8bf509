import { ts } from '@ts-morph/common';
console.log(ts.version);
export const x = import('ts-morph');
