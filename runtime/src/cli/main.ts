import { VERSION } from '../version.js';
import { parseArguments, USAGE } from './arguments.js';
import { kill } from './kill.js';
import { ps } from './ps.js';
import { stack } from './stack/index.js';

/** The command `manycore`. Answers its exit code: 0 done, 1 not found or not done, 2 used wrongly. */
async function main(): Promise<number> {
  const command = parseArguments(process.argv.slice(2));
  if (typeof command === 'string') {
    process.stderr.write(`manycore: ${command}\nTry 'manycore --help'.\n`);
    return 2;
  }
  switch (command.name) {
    case 'help':
      process.stdout.write(USAGE);
      return 0;
    case 'version':
      process.stdout.write(`${VERSION}\n`);
      return 0;
    case 'ps':
      return await ps(command);
    case 'kill':
      return await kill(command);
    case 'stack':
      return await stack(command.pid);
  }
}

// Who reads may have seen enough, as `head` has; or the terminal has been closed.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE' && error.code !== 'EIO') throw error;
  process.exit(0);
});

main().then(
  code => {
    process.exitCode = code;
  },
  (error: unknown) => {
    process.stderr.write(`manycore: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
    process.exitCode = 1;
  },
);
