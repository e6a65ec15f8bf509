import fs from 'node:fs';
import path from 'node:path';
import { entries, listingOf, surfaceOf } from './surface.js';

// `npm run api`: what the package exports now is what it shall export.
for (const { specifier } of entries) {
  const file = listingOf(specifier);
  fs.mkdirSync(path.dirname(file), { recursive: true });
  fs.writeFileSync(file, surfaceOf(specifier));
}
