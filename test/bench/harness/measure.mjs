// Rounds in which the sides take turns, and what is kept of them. A case:
//
//   { id, name, unit, ours: Side, peers: Side[], targets: Target[] }
//   Side    { name, run(): figure of one round } or { name, missing: why }
//   Target  { against: 'CPython', of: [names of peers], bound: '≤' or '≥', value: ours / theirs }
//           { bound, value, absolute: true }: ours itself, in the case's unit
//
// A side that throws is reported as missing, with what it threw; the others go on.

export const median = figures => {
  const sorted = [...figures].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
};

/** @returns {{ median: number, least: number, most: number, rounds: number }} the spread is from least to most */
export const summary = figures => ({
  median: median(figures),
  least: Math.min(...figures),
  most: Math.max(...figures),
  rounds: figures.length,
});

/** One figure a side and round: A B C, A B C, … after one round that does not count. */
export async function takeTurns(sides, rounds, { warm = true } = {}) {
  const states = sides.map(side => ({ side, figures: [], missing: side.missing }));
  for (let round = warm ? -1 : 0; round < rounds; round++) {
    for (const state of states) {
      if (state.missing !== undefined) continue;
      try {
        const figure = await state.side.run();
        if (!Number.isFinite(figure)) throw new Error(`measured ${figure}`);
        if (round >= 0) state.figures.push(figure);
      } catch (error) {
        state.missing = `failed: ${error?.message ?? error}`;
      }
    }
  }
  return states.map(({ side, figures, missing }) =>
    missing === undefined ? { name: side.name, ...summary(figures) } : { name: side.name, missing },
  );
}

/** A case, measured: a row of the table. */
export async function measureCase(one, rounds) {
  const { id, name, unit, ours, peers = [], targets = [] } = one;
  const [mine, ...theirs] = await takeTurns([ours, ...peers], one.rounds ?? rounds, one);
  return { id, name, unit, ours: mine, peers: theirs, verdicts: verdictsOf(mine, theirs, targets) };
}

/** A row for something that is not there to be measured. */
export const notBuilt = ({ id, name, unit, targets = [] }, missing = 'not built yet') => ({
  ...{ id, name, unit, ours: { name: 'manycore', missing }, peers: [] },
  verdicts: targets.map(({ against, bound, value }) => ({ against, bound, value, state: missing })),
});

/**
 * What each target came to. `state` is 'met', 'missed', 'no target', 'peer missing', or why there is nothing of ours.
 * Where a target is against the best of several peers, the one that was best in this run is named.
 */
export function verdictsOf(ours, peers, targets) {
  const covered = new Set(targets.flatMap(target => target.of ?? [target.against]));
  const others = peers.filter(peer => !covered.has(peer.name)).map(peer => ({ against: peer.name }));
  return [...targets, ...others].map(({ against, of = [against], bound, value, absolute }) => {
    const verdict = { against: absolute ? undefined : against, bound, value };
    if (ours.missing !== undefined) return { ...verdict, state: ours.missing };
    if (absolute) return { ...verdict, absolute, state: within(ours.median, bound, value) };
    const there = peers.filter(peer => of.includes(peer.name) && peer.missing === undefined);
    if (there.length === 0) return { ...verdict, state: 'peer missing' };
    const best = there.reduce((a, b) => ((bound === '≥' ? b.median > a.median : b.median < a.median) ? b : a));
    const ratio = ours.median / best.median;
    return { ...verdict, peer: best.name, ratio, state: bound ? within(ratio, bound, value) : 'no target' };
  });
}

const within = (figure, bound, value) => ((bound === '≤' ? figure <= value : figure >= value) ? 'met' : 'missed');

/**
 * How a cost grows: `{ id, title, x, y, values, sides }`, where a side gives for each value of x something to run:
 * `{ name, missing?, upTo?, at(x): { run, close? } }`. A `share` asks for more or fewer rounds than there are for rows.
 */
export async function measureGrowth({ sides, values, ...facts }, rounds) {
  const lines = sides.map(({ name, missing }) => ({ name, missing, points: [] }));
  for (const x of values) {
    const there = [];
    for (const [i, side] of sides.entries()) {
      if (lines[i].missing !== undefined || x > (side.upTo ?? Infinity)) continue;
      try {
        there.push({ line: lines[i], name: side.name, ...(await side.at(x)) });
      } catch (error) {
        lines[i].missing = `failed at ${x}: ${error?.message ?? error}`;
      }
    }
    const figures = await takeTurns(there, rounds, facts);
    for (const [i, { line, close }] of there.entries()) {
      const { missing, median, least, most, rounds } = figures[i];
      if (missing === undefined) line.points.push({ x, median, least, most, rounds });
      else line.missing = missing;
      await close?.();
    }
  }
  return { ...facts, values, lines };
}
