import { inspector } from '../../lazyNode.js';
import { selfSlot } from '../../memory/index.js';
import { opensInspector } from './nodeOptions.js';

/** Set to `0`, it keeps the inspectors of children closed. */
const SWITCH = 'MANYCORE_INSPECT_CHILDREN';

/**
 * On which host children open their inspectors, since this process has its own open, or is to have it by its options;
 * undefined when nobody debugs this program, or not its children.
 */
export function inspectorHost(): string | undefined {
  if (process.env[SWITCH] === '0' || !mayBeInspected()) return undefined;
  const url = inspector().url();
  if (url === undefined) return undefined;
  selfSlot.setText('inspector', url);
  return new URL(url).hostname.replace(/^\[|\]$/g, '');
}

/** Loading Node's module takes longer than starting a process: only where it may have something to say. */
const mayBeInspected = (): boolean =>
  process.execArgv.some(opensInspector) ||
  /--inspect/.test(process.env['NODE_OPTIONS'] ?? '') ||
  // Node lists what it has loaded; the module is there when somebody has opened the inspector at run time.
  (process as { moduleLoadList?: readonly string[] }).moduleLoadList?.includes('NativeModule inspector') === true;

/**
 * In a child, before any code of the user's: opens its inspector on a free port, if its parent's is open, and tells
 * the process table where. Node says so on stderr too. Nobody is waited for.
 */
export function openInspector(host: string | undefined): void {
  if (host === undefined && !mayBeInspected()) return;
  try {
    // A debugger that is loaded with `--require` may have been quicker.
    if (host !== undefined && inspector().url() === undefined) inspector().open(0, host);
    selfSlot.setText('inspector', inspector().url() ?? '');
  } catch {
    // Node's permission model forbids it: then nobody debugs this process, which is no reason not to run.
  }
}
