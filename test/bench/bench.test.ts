import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import readline from 'node:readline';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath, pathToFileURL } from 'node:url';

// This file runs from test/dist/bench.
const bench = fileURLToPath(new URL('../../bench/', import.meta.url));

interface Figure {
  name: string;
  missing?: string;
  median: number;
  least: number;
  most: number;
  rounds: number;
}
interface Verdict {
  against?: string;
  peer?: string;
  ratio?: number;
  state: string;
}
interface Row {
  id: string;
  ours: Figure;
  peers: Figure[];
  verdicts: Verdict[];
}
interface Results {
  machine: Record<string, unknown>;
  rows: Row[];
  growth: { lines: { name: string; points: Figure[] }[] }[];
}
interface Side {
  name: string;
  missing?: string;
  run?: () => number;
}
interface Measure {
  takeTurns(sides: Side[], rounds: number): Promise<Figure[]>;
  verdictsOf(ours: Partial<Figure>, peers: Partial<Figure>[], targets: object[]): Verdict[];
}

const { takeTurns, verdictsOf } = (await import(
  pathToFileURL(path.join(bench, 'harness/measure.mjs')).href
)) as Measure;

describe('what a bench makes of its figures', () => {
  test('the sides take turns, and the first round does not count', async () => {
    const order: string[] = [];
    const side = (name: string): Side => ({ name, run: () => order.push(name) });
    const figures = await takeTurns([side('a'), { name: 'gone', missing: 'why' }, side('b')], 3);
    assert.equal(order.join(' '), 'a b a b a b a b');
    assert.deepEqual(figures, [
      { name: 'a', median: 5, least: 3, most: 7, rounds: 3 },
      { name: 'gone', missing: 'why' },
      { name: 'b', median: 6, least: 4, most: 8, rounds: 3 },
    ]);
  });

  test('a side that throws is missing, with what it threw', async () => {
    const run = (): number => {
      throw new Error('broken');
    };
    const figures = await takeTurns(
      [
        { name: 'a', run },
        { name: 'b', run: () => 1 },
      ],
      1,
    );
    assert.deepEqual(
      figures.map(({ missing }) => missing),
      ['failed: broken', undefined],
    );
  });

  test('a target names the best of its peers, and is met or missed', () => {
    const peers = [
      { name: 'slow', median: 8 },
      { name: 'fast', median: 4 },
      { name: 'gone', missing: 'not installed' },
    ];
    const targets = [
      { against: 'best', of: ['slow', 'fast', 'gone'], bound: '≤', value: 0.6 },
      { against: 'slow', bound: '≤', value: 0.2 },
      { against: 'gone', bound: '≤', value: 1 },
      { bound: '≤', value: 2, absolute: true },
    ];
    const verdicts = verdictsOf({ median: 2 }, peers, targets);
    assert.deepEqual(
      verdicts.map(({ peer, ratio, state }) => [peer, ratio, state]),
      [
        ['fast', 0.5, 'met'],
        ['slow', 0.25, 'missed'],
        [undefined, undefined, 'peer missing'],
        [undefined, undefined, 'met'],
      ],
    );
  });
});

describe('npm run bench', { timeout: 120_000 }, () => {
  let dir = '';
  before(() => {
    dir = fs.mkdtempSync(path.join(os.tmpdir(), 'manycore-bench-test-'));
  });
  after(() => {
    fs.rmSync(dir, { recursive: true, force: true });
  });

  const start = (args: string[], env: NodeJS.ProcessEnv): ChildProcess =>
    spawn(process.execPath, [path.join(bench, 'run.mjs'), ...args, '--no-setup', '--rounds', '1', '--out', dir], {
      env: { ...process.env, MANYCORE_DIR: path.join(dir, 'shared'), ...env },
      stdio: ['ignore', 'pipe', 'inherit'],
      detached: true,
    });

  /** Everything that runs for this test has the folder in its environment. */
  const leftBehind = (): string[] =>
    fs.readdirSync('/proc').filter(pid => {
      try {
        return (
          /^\d+$/.test(pid) &&
          fs.readFileSync(`/proc/${pid}/environ`, 'utf8').includes(dir) &&
          !/^State:\s+Z/m.test(fs.readFileSync(`/proc/${pid}/status`, 'utf8'))
        );
      } catch {
        return false;
      }
    });
  const everythingEnds = async (): Promise<void> => {
    for (const end = Date.now() + 10_000; leftBehind().length > 0 && Date.now() < end;) {
      // Files and processes of others tell nobody when they go; the deadline above is the failure.
      await new Promise(resolve => setTimeout(resolve, 20));
    }
    assert.deepEqual(leftBehind(), []);
    const shared = path.join(dir, 'shared');
    assert.deepEqual(fs.existsSync(shared) ? fs.readdirSync(shared).filter(name => !name.startsWith('.')) : [], []);
  };

  test('writes figures, pictures and the page, and leaves nothing behind', async () => {
    const run = start(['sync', 'sharing', '--scale', '0.001'], { PYTHON: path.join(dir, 'no-such-python') });
    let said = '';
    run.stdout?.on('data', chunk => (said += String(chunk)));
    assert.deepEqual(await once(run, 'close'), [0, null]);

    const results = JSON.parse(fs.readFileSync(path.join(dir, 'latest.json'), 'utf8')) as Record<string, Results>;
    const { sync, sharing } = results;
    assert.ok(sync !== undefined && sharing !== undefined);
    assert.deepEqual([sync.machine['node'], sync.machine['python']], [process.version, 'missing']);
    assert.ok(sync.rows.length >= 10);
    for (const { id, ours, peers, verdicts } of sync.rows) {
      assert.ok(ours.median > 0 && ours.least <= ours.median && ours.rounds === 1, `${id}: ${JSON.stringify(ours)}`);
      assert.deepEqual(peers, [{ name: 'CPython', missing: 'no python3' }]);
      assert.deepEqual(
        verdicts.map(({ against, state }) => [against, state]),
        [['CPython', 'peer missing']],
      );
    }
    assert.deepEqual(
      sharing.rows.map(row => row.verdicts[0]?.state),
      ['not built yet'],
    );
    assert.match(said, /^uncontended Lock.* peer missing$/m);

    const [ours] = sync.growth[0]?.lines ?? [];
    assert.ok(ours?.name === 'manycore' && ours.points.length === 2);
    assertWellFormed(fs.readFileSync(path.join(dir, 'lock-hand-over.svg'), 'utf8'));
    const page = fs.readFileSync(path.join(dir, 'performance.md'), 'utf8');
    assert.match(page, /^\| uncontended Lock, .* \| CPython +\| .* \| peer missing +\|$/m);
    assert.match(page, /!\[Lock hand-over .*\]\(lock-hand-over\.svg\)/);
    await everythingEnds();
  });

  test('Ctrl-C ends everything it has started', async () => {
    const run = start(['sync'], {});
    assert.ok(run.stdout !== null && run.pid !== undefined);
    for await (const line of readline.createInterface({ input: run.stdout })) {
      // The first row: both sides are at work now.
      if (line.startsWith('uncontended')) break;
    }
    process.kill(-run.pid, 'SIGINT');
    const [code] = (await once(run, 'exit')) as [number | null];
    assert.equal(code, 130);
    await everythingEnds();
  });
});

/** Every element is closed by its own name, and nothing stands in an attribute that would end it. */
function assertWellFormed(svg: string): void {
  const open: string[] = [];
  const rest = svg
    .replaceAll(/<!\[CDATA\[.*?\]\]>/gs, '')
    .replaceAll(
      /<(\/?)([a-z]+)((?:\s+[\w:-]+="[^"<]*")*)\s*(\/?)>/gi,
      (_, end: string, name: string, __, alone: string) => {
        if (end !== '') assert.equal(open.pop(), name);
        else if (alone === '') open.push(name);
        return '';
      },
    );
  assert.deepEqual(open, []);
  assert.ok(!/[<>]/.test(rest), rest);
  assert.match(svg, /^<svg /);
  assert.match(svg, /prefers-color-scheme: dark/);
}
