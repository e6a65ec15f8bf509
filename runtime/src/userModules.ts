import { host } from './host.js';

let untouched = false;

/** For the child's bootstrap: no module of the user's has been loaded yet, and none of Node's options loads one. */
export function noteUntouched(): void {
  const options = `${process.execArgv.join(' ')} ${process.env['NODE_OPTIONS'] ?? ''}`;
  // Node takes `--experimental_loader`, too.
  untouched = !LOADS_OR_HOOKS.test(options.replaceAll('_', '-')) && requireTakesAll();
}

/** Options by which modules run before all others: they may have changed how modules are found and read. */
const LOADS_OR_HOOKS = /(^|\s)(-r|--require|--import|--loader|--experimental-loader|--experimental-\S*config\S*)\b/;

/** Whether `require` takes ES modules, and says nothing about it. */
function requireTakesAll(): boolean {
  if (Reflect.get(process.features, 'require_module') !== true) return false;
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  const since: Readonly<Record<number, number>> = { 20: 19, 22: 13, 23: 5 };
  return major > 23 || minor >= (since[major] ?? Infinity);
}

/**
 * Whether the user's first modules may be loaded with `require`, which spares Node the setting up of all that `import()`
 * takes. True once: code of theirs that has run may have put hooks between.
 */
export function mayRequireAny(): boolean {
  const may = untouched;
  untouched = false;
  return may;
}

/** Imports a module of the user's. */
export function importModule(url: string): Promise<unknown> {
  untouched = false;
  return host?.import(url) ?? import(url);
}
