// Rows of a program that measures by itself, as rows of the table. What it writes is a list, or `{ rows }`, of
//
//   { name, unit, ours: number, peers: { [name]: number | null }, target: '≥ 6 ×' or { [peer]: '≥ 6 ×' }, id? }
//
// where a figure may also be `{ median, least, most, rounds }`. Ratios and verdicts are made here, the same way for all.
import { verdictsOf } from './measure.mjs';

const MISSING = 'missing';

export function fromProgram(program, written) {
  const bench = program.replace(/\.\w+$/, '');
  return (Array.isArray(written) ? written : written.rows).map(row => {
    const peers = namedPeers(row.peers).map(([name, value]) => ({ name, ...asFigure(value) }));
    const ours = { name: 'manycore', ...asFigure(row.ours) };
    const verdicts = verdictsOf(ours, peers, targetsOf(row, peers));
    return {
      id: row.id ?? `${bench}.${row.name.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-')}`,
      name: row.name,
      unit: row.unit,
      ours,
      peers,
      verdicts,
    };
  });
}

function namedPeers(peers = {}) {
  if (!Array.isArray(peers)) return Object.entries(peers);
  return peers.map(({ name, value, median, ...rest }) => [name, rest.missing ? null : (value ?? { median, ...rest })]);
}

function asFigure(given) {
  if (typeof given === 'number') return { median: given };
  const { median, least, most, rounds } = given ?? {};
  return Number.isFinite(median) ? { median, least, most, rounds } : { missing: MISSING };
}

/** A target without a peer's name is against every peer; one that compares with nobody is in the row's own unit. */
function targetsOf({ target, targets = target }, peers) {
  if (targets === undefined || targets === null) return [];
  if (typeof targets !== 'object') {
    if (peers.length === 0) return [{ ...bounded(targets), absolute: true }].filter(isBound);
    return peers.map(({ name }) => ({ against: name, ...bounded(targets) })).filter(isBound);
  }
  return Object.entries(targets)
    .map(([against, text]) => ({ against, ...bounded(text) }))
    .filter(isBound);
}

const isBound = ({ bound }) => bound !== undefined;

function bounded(text) {
  const [, sign, value] = /([≤≥])\s*([\d.]+)/.exec(String(text)) ?? [];
  return sign === undefined ? {} : { bound: sign, value: Number(value) };
}
