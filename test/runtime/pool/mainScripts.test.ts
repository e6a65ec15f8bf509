import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { createRequire } from 'node:module';
import { after, describe, test } from 'node:test';
import { run } from '../process/support.js';
import { DEADLINE } from './support.js';

const manycore = path.dirname(createRequire(import.meta.url).resolve('manycore/package.json'));
const home = fs.mkdtempSync(path.join(os.tmpdir(), 'manycore mains ü-'));
after(() => fs.rmSync(home, { recursive: true, force: true }));
fs.mkdirSync(path.join(home, 'node_modules'));
fs.symlinkSync(manycore, path.join(home, 'node_modules/manycore'));

const body = (guard: string, types = false): string => `
  const x = ${types ? '(n: number): number' : 'n'} => n * n;
  if (${guard}) {
    const pool = new Pool(2);
    pool.mapAsync(square, [1, 2, 3], {
      callback: squares => { console.log(JSON.stringify(squares)); pool.close(); },
    });
  }
  function square(n${types ? ': number' : ''})${types ? ': number' : ''} { return x(n); }
`;
const esm = (types = false): string =>
  `import { isMain, Pool } from 'manycore';\n${body('isMain(import.meta)', types)}export { square };\n`;
const cjs = `'use strict';\nconst { Pool } = require('manycore');\nexports.square = square;\n${body('require.main === module')}`;

function write(file: string, text: string): string {
  const at = path.join(home, file);
  fs.mkdirSync(path.dirname(at), { recursive: true });
  fs.writeFileSync(at, text);
  return at;
}

async function squares(...args: string[]): Promise<void> {
  const { code, stdout, stderr } = await run(args, { cwd: home });
  assert.equal(stdout, '[1,4,9]\n', stderr);
  assert.equal(code, 0, stderr);
}

/** Python's `MultiProcessingCmdLineMixin`: workers call a function of the script the program was started with. */
describe('functions of the main script', { timeout: DEADLINE * 2 }, () => {
  test('test_basic_script: .mjs, .cjs', async () => {
    await squares(write('script.mjs', esm()));
    await squares(write('script.cjs', cjs));
  });

  test('test_basic_script: .ts', async t => {
    if (!('typescript' in process.features)) return t.skip('this Node does not strip types');
    await squares(write('script.ts', esm(true)));
  });

  test('test_basic_script_no_suffix', async () => {
    await squares(write('script', cjs));
  });

  test('test_directory: a folder with an index.js', async () => {
    write('folder/index.js', cjs);
    await squares(path.join(home, 'folder'));
  });

  test('test_package, test_module_in_package: an export of a package, with relative imports', async () => {
    write(
      'node_modules/inner/package.json',
      '{"name":"inner","type":"module","exports":{".":"./main.js","./sub":"./sub/run.js"}}',
    );
    write('node_modules/inner/main.js', `import './sibling.js';\n${esm()}`);
    write('node_modules/inner/sibling.js', 'export {};\n');
    write('node_modules/inner/sub/run.js', `import '../sibling.js';\n${esm()}`);
    await squares(path.join(home, 'node_modules/inner/main.js'));
    await squares(path.join(home, 'node_modules/inner/sub/run.js'));
    const importing = `import { Pool, isMain } from 'manycore'; import { square } from 'inner/sub';
      if (isMain(import.meta)) { await using pool = new Pool(2); console.log(JSON.stringify(await pool.map(square, [1, 2, 3]))); }`;
    await squares(
      write('importing.mjs', importing.replace('await using', 'const').replace('; }', '; pool.close(); }')),
    );
  });

  test('test_ipython_workaround: a script from the command line is told what to do', async () => {
    const { code, stdout, stderr } = await run(['-e', cjs.replace('require.main === module', 'true')], { cwd: home });
    assert.notEqual(code, 0);
    assert.equal(stdout, '');
    assert.match(stderr, /PicklingError/);
    assert.match(stderr, /square/);
  });
});
