import { parseArgs } from 'node:util';
import { type Levels, readLevels } from '../rules/levels.js';

export interface Arguments {
  paths: string[];
  format: 'text' | 'json';
  fix: boolean;
  quiet: boolean;
  levels: Levels;
  help: boolean;
  version: boolean;
}

export const USAGE = `Usage: manycore-check [options] [path …]

Finds multiprocessing mistakes in programs on manycore before they run.
A path is a file or a folder; without one, the current folder is checked.

  --format <text|json>     what to print (default text); json has ESLint's shape
  --fix                    repair what can be repaired safely, then report the rest
  --severity <rule>=<sev>  off, error, warning, information, hint or default; may be
                           repeated; <rule> is a code or a name: MC003=off
  --quiet                  report errors only
  --help, --version

Exit code: 0 nothing found, 1 something found, 2 wrong use or failure.
`;

/** The arguments, or what is wrong with them. */
export function parseArguments(argv: readonly string[]): Arguments | string {
  let parsed;
  try {
    parsed = parseArgs({
      args: [...argv],
      allowPositionals: true,
      options: {
        format: { type: 'string', default: 'text' },
        fix: { type: 'boolean', default: false },
        quiet: { type: 'boolean', default: false },
        severity: { type: 'string', multiple: true, default: [] },
        help: { type: 'boolean', short: 'h', default: false },
        version: { type: 'boolean', short: 'v', default: false },
      },
    });
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
  const { values, positionals } = parsed;
  if (values.format !== 'text' && values.format !== 'json') return `--format is text or json, not '${values.format}'`;
  const complaints: string[] = [];
  const levels = readLevels(Object.fromEntries(values.severity.map(setting => splitSetting(setting))), message =>
    complaints.push(message),
  );
  if (complaints[0] !== undefined) return `--severity: ${complaints[0]}`;
  const { fix, quiet, help, version } = values;
  return {
    paths: positionals.length === 0 ? ['.'] : positionals,
    format: values.format,
    fix,
    quiet,
    levels,
    help,
    version,
  };
}

function splitSetting(setting: string): [string, string] {
  const at = setting.indexOf('=');
  return at < 0 ? [setting, ''] : [setting.slice(0, at), setting.slice(at + 1)];
}
