import { execFile } from 'node:child_process';
import { createRequire } from 'node:module';
import * as path from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';

/** Which Node runs a user's function, and with which arguments. */
export interface NodeChoice {
  readonly executable: string;
  readonly execArgv: readonly string[];
  /** To be added to the environment. */
  readonly env: Readonly<Record<string, string>>;
  readonly version: string;
}

/** What a Node says about itself. */
export interface NodeFacts {
  readonly version: string;
  /** Runs TypeScript as it is. */
  readonly typescript: boolean;
  /** Runs TypeScript when asked to. */
  readonly strips: boolean;
}

const question = `JSON.stringify({
  version: process.versions.node,
  typescript: Boolean(process.features.typescript),
  strips: process.allowedNodeEnvironmentFlags.has('--experimental-strip-types'),
})`;

const asked = new Map<string, Promise<NodeFacts | undefined>>();

/** Asks an executable what it is; undefined when it is not a Node that answers. */
export function factsOf(
  executable: string,
  env: Readonly<Record<string, string>> = {},
): Promise<NodeFacts | undefined> {
  const key = `${executable}\0${process.env['PATH'] ?? ''}`;
  const known = asked.get(key);
  if (known) return known;
  const answer = promisify(execFile)(executable, ['-p', question], {
    env: { ...process.env, ...env },
    timeout: 10_000,
  }).then(
    ({ stdout }) => JSON.parse(stdout) as NodeFacts,
    () => undefined,
  );
  asked.set(key, answer);
  return answer;
}

const isTypeScript = (file: string) => /\.[cm]?tsx?$/.test(file);

/** The loader that teaches an older Node TypeScript, if the workspace has it. */
function tsxNear(file: string): string | undefined {
  try {
    return createRequire(file).resolve('tsx');
  } catch {
    return undefined;
  }
}

function argumentsFor(file: string, facts: NodeFacts): readonly string[] | undefined {
  if (Number(facts.version.split('.')[0]) < 20) return undefined;
  if (!isTypeScript(file)) return [];
  // tsx understands all of TypeScript, type stripping only what can be erased: who installed it wants it used.
  const tsx = tsxNear(file);
  if (tsx) return ['--import', pathToFileURL(tsx).href];
  if (facts.typescript) return [];
  return facts.strips ? ['--experimental-strip-types', '--no-warnings'] : undefined;
}

/**
 * The Node for a file: the one the setting names, else the first that can run it of `node` on the PATH and the editor's
 * own. Rejects with what to do about it when there is none.
 */
export async function findNode(file: string, setting: string): Promise<NodeChoice> {
  const plain = {};
  const own = { ELECTRON_RUN_AS_NODE: '1' };
  const candidates: readonly (readonly [string, Record<string, string>])[] = setting
    ? [[setting, plain]]
    : [
        ['node', plain],
        [process.execPath, own],
      ];
  const seen: string[] = [];
  for (const [executable, env] of candidates) {
    const facts = await factsOf(executable, env);
    if (!facts) {
      seen.push(`${executable} does not answer as a Node`);
      continue;
    }
    const execArgv = argumentsFor(file, facts);
    if (execArgv) return { executable, execArgv, env, version: facts.version };
    seen.push(`${executable} is Node ${facts.version}`);
  }
  const need = isTypeScript(file)
    ? 'Running TypeScript needs Node 22.18 or newer, or tsx in the workspace (npm install -D tsx)'
    : 'Running a function needs Node 20 or newer';
  throw new Error(`${need}: ${seen.join('; ')}. Set manycore.node.path to a Node that can run ${path.basename(file)}.`);
}
