/** What opens an inspector, or says where: the port would be the parent's over again, and `-brk` and `-wait` stop it. */
const INSPECTOR = /^--(inspect(-brk|-wait|-port)?|debug-port)(=|$)/;
const OPENS_INSPECTOR = /^--inspect(-brk|-wait)?(=|$)/;
const INSPECTOR_WITH_VALUE = /^--(inspect|debug)-port$/;

/** Options that make sense for one process only: code given on the command line, a test run. */
const OF_ONE_PROCESS =
  /^--(eval|print|check|interactive|input-type|test(-[\w-]+)?|watch(-[\w-]+)?|run|experimental-default-type|build-sea|experimental-sea-config)(=|$)|^-(e|p|pe|c|i)$/;

/** Those of them whose value is an argument of its own. */
const WITH_VALUE = /^(--(eval|print|input-type|run|watch-path|test-\w[\w-]*)|-e|-p|-pe)$/;
const TEST_FLAGS = /^--test-(only|force-exit|update-snapshots)$/;

/** As Node's manual writes an option: Node itself takes `--inspect_brk` for `--inspect-brk`. */
function canonical(option: string): string {
  const [name = '', ...value] = option.split('=');
  return [name.replaceAll('_', '-'), ...value].join('=');
}

/** Whether an argument has Node open its inspector. */
export const opensInspector = (option: string): boolean => OPENS_INSPECTOR.test(canonical(option));

/** The options of this process's Node that its children get as well. */
export function inheritedExecArgv(execArgv: readonly string[] = process.execArgv): string[] {
  const kept: string[] = [];
  for (let i = 0; i < execArgv.length; i++) {
    const given = execArgv[i] ?? '';
    const option = canonical(given);
    if (!INSPECTOR.test(option) && !OF_ONE_PROCESS.test(option)) kept.push(given);
    else if (INSPECTOR_WITH_VALUE.test(option) || (WITH_VALUE.test(option) && !TEST_FLAGS.test(option))) i++;
  }
  return kept;
}

/** The options in a `NODE_OPTIONS`, one each; quotes hold one together. */
const TOKEN = /(?:"(?:\\.|[^"\\])*"|[^\s"])+/g;

/** `NODE_OPTIONS` for a child: without what opens an inspector. All else stays as it is. */
export function withoutInspector(nodeOptions: string): string {
  const tokens = nodeOptions.match(TOKEN) ?? [];
  const options = tokens.map(token => canonical(token.replace(/^"|"$/g, '')));
  if (!options.some(option => INSPECTOR.test(option))) return nodeOptions;
  const isKept = (_: string, i: number): boolean =>
    !INSPECTOR.test(options[i] ?? '') && !INSPECTOR_WITH_VALUE.test(options[i - 1] ?? '');
  return tokens.filter(isKept).join(' ');
}
