import { parseArguments, USAGE } from './cli/arguments.js';
import { VERSION } from './version.js';

/** Exit codes: 0 nothing found, 1 something found, 2 used wrongly or broken. */
async function main(): Promise<number> {
  const parsed = parseArguments(process.argv.slice(2));
  if (typeof parsed === 'string') {
    process.stderr.write(`manycore-check: ${parsed}\nTry 'manycore-check --help'.\n`);
    return 2;
  }
  if (parsed.help) process.stdout.write(USAGE);
  if (parsed.version) process.stdout.write(`${VERSION}\n`);
  if (parsed.help || parsed.version) return 0;
  const { run } = await import('./cli/run.js');
  return run(parsed);
}

main().then(
  code => {
    process.exitCode = code;
  },
  (error: unknown) => {
    process.stderr.write(
      `manycore-check failed: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`,
    );
    process.exitCode = 2;
  },
);
