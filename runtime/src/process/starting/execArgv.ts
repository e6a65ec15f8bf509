/** Options that make sense for one process only: another inspector port, code given on the command line, a test run. */
const DROPPED =
  /^--(inspect(-brk|-wait|-port)?|debug-port|eval|print|check|interactive|input-type|test(-[\w-]+)?|watch(-[\w-]+)?|run|experimental-default-type|build-sea|experimental-sea-config)(=|$)|^-(e|p|pe|c|i)$/;

/** Those of them whose value is an argument of its own. */
const WITH_VALUE = /^(--(eval|print|input-type|inspect-port|debug-port|run|watch-path|test-\w[\w-]*)|-e|-p|-pe)$/;
const TEST_FLAGS = /^--test-(only|force-exit|update-snapshots)$/;

/** The options of this process's Node that its children get as well. */
export function inheritedExecArgv(execArgv: readonly string[] = process.execArgv): string[] {
  const kept: string[] = [];
  for (let i = 0; i < execArgv.length; i++) {
    const option = execArgv[i] ?? '';
    if (!DROPPED.test(option)) kept.push(option);
    else if (WITH_VALUE.test(option) && !TEST_FLAGS.test(option)) i++;
  }
  return kept;
}
