// Loaded into a user's program with `node --require`: makes 'manycore' mean the copy inside the extension. The program's
// folder may not have it installed, and nothing is to be written there.
import * as nodeModule from 'node:module';
import * as path from 'node:path';
import { pathToFileURL } from 'node:url';

const dist = path.resolve(__dirname, '..', '..', 'runtime', 'dist');
const files: Readonly<Record<string, string>> = { manycore: 'index', 'manycore/inspect': 'inspect' };

interface ResolveContext {
  readonly conditions?: readonly string[];
}
type Next<R> = (specifier: string, context?: ResolveContext) => R;

/** What Node has and its types for version 20 do not. */
interface NewerModule {
  registerHooks?: (hooks: {
    resolve: (specifier: string, context: ResolveContext, next: Next<unknown>) => unknown;
  }) => void;
  register?: (specifier: string) => void;
  _resolveFilename: (request: string, ...rest: unknown[]) => string;
}
const modules = nodeModule.default as unknown as NewerModule;

function bundled(specifier: string, extension: 'js' | 'cjs'): string | undefined {
  const file = files[specifier];
  return file === undefined ? undefined : path.join(dist, `${file}.${extension}`);
}

if (modules.registerHooks) {
  modules.registerHooks({
    resolve(specifier, context, next) {
      const file = bundled(specifier, context.conditions?.includes('require') ? 'cjs' : 'js');
      return file === undefined ? next(specifier, context) : { url: pathToFileURL(file).href, shortCircuit: true };
    },
  });
} else {
  const original = modules._resolveFilename;
  modules._resolveFilename = (request, ...rest) => bundled(request, 'cjs') ?? original.call(modules, request, ...rest);
  // Before Node 22.15 the hooks of `import` run in a thread of their own and come as a module of their own.
  const table = Object.fromEntries(
    Object.keys(files).map(specifier => [specifier, pathToFileURL(bundled(specifier, 'js') ?? '').href]),
  );
  const source = `const table = ${JSON.stringify(table)};
export const resolve = (specifier, context, next) =>
  Object.hasOwn(table, specifier) ? { url: table[specifier], shortCircuit: true } : next(specifier, context);`;
  modules.register?.(`data:text/javascript,${encodeURIComponent(source)}`);
}
