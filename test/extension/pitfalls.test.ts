import * as assert from 'node:assert/strict';
import * as fs from 'node:fs';
import * as vscode from 'vscode';
import { pitfalls } from './pitfalls.js';
import { Program } from './shell.js';
import { until } from './until.js';
import { manycore, typed } from './workbench.js';

const ours = (uri: vscode.Uri) => vscode.languages.getDiagnostics(uri).filter(({ source }) => source === 'manycore');

const codeOf = ({ code }: vscode.Diagnostic) => (typeof code === 'object' ? String(code.value) : String(code));

const coded = (uri: vscode.Uri, wanted: string) => ours(uri).find(found => codeOf(found) === wanted);

/** The safe fix: the one that the editor's "fix this" would apply. */
async function fixFor(uri: vscode.Uri, diagnostic: vscode.Diagnostic): Promise<vscode.CodeAction | undefined> {
  const kind = vscode.CodeActionKind.QuickFix.value;
  const actions = await vscode.commands.executeCommand<vscode.CodeAction[]>(
    'vscode.executeCodeActionProvider',
    uri,
    diagnostic.range,
    kind,
    10,
  );
  // The answer of this command does not say which finding an action belongs to; the range asked for has only one.
  return actions.find(({ edit, isPreferred }) => edit && isPreferred);
}

describe('A pitfall typed into a new file', () => {
  before(async () => {
    await manycore();
  });

  for (const { code, rule, text, prints } of pitfalls) {
    it(`is flagged as ${code} ${rule}, fixed by its quick-fix, and the fixed file runs`, async function () {
      this.timeout(60_000);
      const document = await typed(`pitfalls/${rule}.ts`, text);
      const diagnostic = await until(`${code} in ${rule}.ts`, () => coded(document.uri, code));
      assert.deepEqual(ours(document.uri).map(codeOf), [code], 'it is the only finding');

      const target = typeof diagnostic.code === 'object' ? diagnostic.code.target : undefined;
      assert.match(target?.path ?? '', new RegExp(`${rule}\\.md$`), 'the code links to the page of its rule');

      const fix = await until(`a quick-fix for ${code}`, () => fixFor(document.uri, diagnostic));
      assert.ok(fix.edit && (await vscode.workspace.applyEdit(fix.edit)), 'the quick-fix was applied');
      await until(`${rule}.ts to be clean after:\n${document.getText()}`, () => ours(document.uri).length === 0);

      assert.ok(await document.save());
      const program = await Program.start(document.uri.fsPath);
      const end = await program.ended();
      assert.equal(end, 0, `${document.getText()}\n${program.stdout}${program.stderr}`);
      assert.match(program.stdout, prints, document.getText());
      assert.ok(target?.scheme !== 'file' || fs.existsSync(target.fsPath), `the rule has its page: ${target?.fsPath}`);
    });
  }

  it('is silent when the setting switches its rule off', async () => {
    const [first] = pitfalls;
    assert.ok(first);
    const settings = vscode.workspace.getConfiguration('manycore');
    const document = await typed('pitfalls/off.ts', first.text);
    await until('the finding', () => coded(document.uri, first.code));
    await settings.update('check.rules', { [first.code]: 'off' }, vscode.ConfigurationTarget.Workspace);
    try {
      await until('silence', () => !coded(document.uri, first.code));
    } finally {
      await settings.update('check.rules', undefined, vscode.ConfigurationTarget.Workspace);
    }
    await until('the finding again', () => coded(document.uri, first.code));
  });
});
