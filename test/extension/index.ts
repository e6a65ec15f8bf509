// Entry point of the suite (extensionTestsPath): runs inside the extension host and writes what became of each test.
import * as fs from 'node:fs';
import * as path from 'node:path';
import Mocha from 'mocha';

interface Outcome {
  title: string;
  state: 'passed' | 'failed' | 'pending';
  ms?: number;
  error?: string;
}

export async function run(): Promise<void> {
  const mocha = new Mocha({ ui: 'bdd', timeout: 30_000, color: false, reporter: 'spec' });
  const files = fs.readdirSync(__dirname).filter(name => name.endsWith('.test.cjs'));
  for (const file of files.sort()) mocha.addFile(path.join(__dirname, file));
  const grep = process.env['MOCHA_GREP'];
  if (grep) mocha.grep(new RegExp(grep));

  const outcomes: Outcome[] = [];
  const failures = await new Promise<number>(resolve => {
    mocha
      .run(resolve)
      .on('pass', test => outcomes.push({ title: test.fullTitle(), state: 'passed', ms: test.duration ?? 0 }))
      .on('pending', test => outcomes.push({ title: test.fullTitle(), state: 'pending' }))
      .on('fail', (test, error: unknown) => {
        const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
        outcomes.push({ title: test.fullTitle(), state: 'failed', error: text });
      });
  });
  const results = process.env['MANYCORE_TEST_RESULTS'];
  if (results) fs.writeFileSync(results, JSON.stringify({ tests: outcomes }, null, 2));
  if (outcomes.length === 0) throw new Error('the suite has no tests');
  if (failures > 0) throw new Error(`${failures} failed`);
}
