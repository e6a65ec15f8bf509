import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';

interface FileReport {
  filePath: string;
  messages: { ruleId: string; message: string; line: number }[];
}

const root = fileURLToPath(new URL('../../../', import.meta.url));

describe('the checker over the examples', () => {
  const { stdout, stderr } = spawnSync(
    process.execPath,
    [path.join(root, 'server/dist/cli.cjs'), '--format', 'json', 'runtime/examples'],
    { cwd: root, encoding: 'utf8' },
  );
  const found = () =>
    (JSON.parse(stdout || `"${stderr}"`) as FileReport[]).flatMap(({ filePath, messages }) =>
      messages.map(({ ruleId, line }) => ({ file: path.relative(root, filePath), ruleId, line })),
    );

  test('finds the five pitfalls, once each', () => {
    const pitfalls = found().filter(({ file }) => file === 'runtime/examples/pitfalls/pitfalls.ts');
    assert.deepEqual(
      pitfalls.map(({ ruleId }) => ruleId),
      ['MC001', 'MC002', 'MC003', 'MC004', 'MC005'],
    );
  });

  test('finds nothing in the programs', () => {
    assert.deepEqual(
      found().filter(({ file }) => !file.includes('pitfalls')),
      [],
    );
  });
});
