// The peers, installed like everything else that a fresh clone lacks: once, and again when their list changes.
import fs from 'node:fs';
import { at, once, run } from '../../run/steps.mjs';

const folder = 'test/bench';
const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm';

/** Without a network there is nothing to compare with, which the table then says; ours is measured all the same. */
export async function installPeers() {
  const { devDependencies } = JSON.parse(fs.readFileSync(at(folder, 'package.json'), 'utf8'));
  try {
    await once('bench', {
      inputs: [`${folder}/package.json`],
      results: Object.keys(devDependencies).map(name => `${folder}/node_modules/${name}`),
      work: () => run(npm, ['install', '--no-audit', '--no-fund', '--loglevel=error'], { cwd: at(folder) }),
    });
  } catch (error) {
    console.log(`[manycore] the peers could not be installed: ${error.message}`);
  }
}
