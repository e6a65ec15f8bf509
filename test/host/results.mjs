// What a run of the suite leaves behind, and how it is judged.
import fs from 'node:fs';
import path from 'node:path';
import { projectDir } from './places.mjs';

/** @typedef {{ title: string, state: 'passed' | 'failed' | 'pending', ms?: number, error?: string }} TestResult */
/**
 * `reason` says why nothing could run; all tests are pending then.
 * @typedef {{ reason?: string, vscode?: string, tests: TestResult[] }} SuiteResults
 */

export const defaultResultsFile = path.join(projectDir, 'test', 'dist', 'extension-results.json');

/** @param {string} file @returns {TestResult[]} what the suite wrote; nothing when it never got so far */
export function readTests(file) {
  try {
    const tests = JSON.parse(fs.readFileSync(file, 'utf8')).tests;
    return Array.isArray(tests) ? tests : [];
  } catch {
    return [];
  }
}

/**
 * The titles of a suite that cannot run, read from its sources: "12 skipped" says more than "1 skipped".
 * @param {string} dir
 */
export function titlesIn(dir) {
  return fs
    .readdirSync(dir)
    .filter(name => name.endsWith('.test.ts'))
    .flatMap(name => {
      const source = fs.readFileSync(path.join(dir, name), 'utf8');
      const group = /\bdescribe\(\s*'((?:[^'\\]|\\.)*)'/.exec(source)?.[1] ?? name;
      return [...source.matchAll(/\bit\(\s*(['`])((?:(?!\1)[^\\]|\\.)*)\1/g)].map(match => `${group} ${match[2]}`);
    });
}

/** @param {string} file @param {SuiteResults} results */
export function writeResults(file, results) {
  fs.mkdirSync(path.dirname(file), { recursive: true });
  fs.writeFileSync(file, `${JSON.stringify(results, null, 2)}\n`);
}

/** @param {TestResult[]} tests */
export function tally(tests) {
  const count = (/** @type {string} */ state) => tests.filter(test => test.state === state).length;
  return { passed: count('passed'), failed: count('failed'), skipped: count('pending') };
}
