// What the editor is told to run. It runs the real suite and leaves a verdict in a file: the editor reports success
// also when its extension host was killed or left by process.exit(), so its word alone proves nothing.
/* eslint-disable @typescript-eslint/no-require-imports -- the extension host loads a suite with require() */
'use strict';
const fs = require('node:fs');
const { format } = require('node:util');

// The runner must tell the suite's lines from the editor's log. The editor guards console.log with a setter that
// ignores assignment, therefore defineProperty.
const write = console.log.bind(console);
Object.defineProperty(console, 'log', {
  configurable: true,
  writable: true,
  value: (...args) => write(`‹suite› ${format(...args).replaceAll('\n', '\n‹suite› ')}`),
});

exports.run = async () => {
  let failure;
  try {
    const suite = require(process.env.MANYCORE_SUITE);
    await suite.run();
  } catch (error) {
    failure = error ?? new Error('the suite was rejected without a reason');
  }
  const verdict = { passed: !failure, error: failure ? String(failure.stack ?? failure) : null };
  fs.writeFileSync(process.env.MANYCORE_VERDICT, JSON.stringify(verdict));
  if (failure) throw failure;
};
