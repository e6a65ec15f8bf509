import fs from 'node:fs';
import { Checker } from '../checker.js';
import { normalize, sourceFilesUnder } from '../engine/files.js';
import { isSourceFile } from '../engine/scan.js';
import { asOne } from '../fix/edits.js';
import { jsonReport } from '../report/json.js';
import { count, type FileResult } from '../report/result.js';
import { textReport } from '../report/text.js';
import { type Arguments } from './arguments.js';

/** Checks, repairs if asked to, and prints; the exit code. */
export async function run(args: Arguments): Promise<number> {
  const files = new Set<string>();
  for (const path of args.paths) {
    const found = filesAt(path);
    if (typeof found === 'string') {
      process.stderr.write(`manycore-check: ${found}\n`);
      return 2;
    }
    for (const file of found) files.add(file);
  }
  const cwd = process.cwd();
  let failed = false;
  const checker = new Checker({
    roots: [cwd],
    onProblem: (message, file) => {
      failed = true;
      process.stderr.write(`manycore-check: ${file}: ${message}\n`);
    },
  });
  const results: FileResult[] = [];
  for (const file of files) results.push(await checkFile(checker, file, args));
  const output =
    args.format === 'json'
      ? jsonReport(results)
      : textReport(
          results.filter(result => result.diagnostics.length > 0),
          { colour: coloured(), cwd, files: files.size, read: file => checker.store.read(file) },
        );
  process.stdout.write(`${output}\n`);
  const { errors, warnings, notes } = count(results);
  if (failed) return 2;
  return errors + warnings + notes > 0 ? 1 : 0;
}

function filesAt(path: string): string[] | string {
  const stat = fs.statSync(path, { throwIfNoEntry: false });
  if (stat === undefined) return `there is no '${path}'`;
  if (stat.isDirectory()) return sourceFilesUnder(path);
  return isSourceFile(path) ? [normalize(path)] : `'${path}' is no TypeScript or JavaScript source`;
}

async function checkFile(checker: Checker, file: string, args: Arguments): Promise<FileResult> {
  if (args.fix) await repair(checker, file, args);
  const text = checker.store.read(file) ?? '';
  const diagnostics = checker.check(file, args.levels).filter(({ severity }) => !args.quiet || severity === 'error');
  const fixes: FileResult['fixes'] = [];
  for (const diagnostic of diagnostics) {
    const safe = (await checker.fixes(diagnostic)).find(fix => fix.preferred);
    fixes.push(safe === undefined ? undefined : asOne(text, safe.edits()));
  }
  return { file, text, diagnostics, fixes };
}

async function repair(checker: Checker, file: string, { levels }: Arguments): Promise<void> {
  const before = checker.store.read(file);
  const after = await checker.fixAll(file, levels);
  if (after === undefined || after === before) return;
  fs.writeFileSync(file, after);
  checker.store.changedOnDisk(file, 'changed');
}

function coloured(): boolean {
  if (process.env['NO_COLOR'] !== undefined && process.env['NO_COLOR'] !== '') return false;
  return process.env['FORCE_COLOR'] === undefined ? process.stdout.isTTY : process.env['FORCE_COLOR'] !== '0';
}
