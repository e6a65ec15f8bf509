// Figures as people read them: three digits that count, and the unit that fits.

const steps = {
  ns: [
    ['ns', 1],
    ['µs', 1e3],
    ['ms', 1e6],
    ['s', 1e9],
  ],
  µs: [
    ['µs', 1],
    ['ms', 1e3],
    ['s', 1e6],
  ],
  ms: [
    ['ms', 1],
    ['s', 1e3],
  ],
};

export function digits(value) {
  if (value === 0) return '0';
  const places = Math.max(0, 2 - Math.floor(Math.log10(Math.abs(value))));
  return places === 0
    ? Math.round(value).toLocaleString('en')
    : String(Number(value.toFixed(Math.min(places, value < 0.1 ? 3 : 2))));
}

/** `1,234 ns` as `1.23 µs`; rates and bytes keep their unit. */
export function figure(value, unit) {
  const fitting = steps[unit]?.findLast(([, size]) => value >= size) ?? [unit, 1];
  return `${digits(value / fitting[1])} ${fitting[0]}`;
}

export const ratio = value => (value === undefined ? '–' : `${digits(value)} ×`);

export const bound = ({ bound, value, absolute }, unit) =>
  bound === undefined ? '–' : `${bound} ${absolute ? figure(value, unit) : `${value} ×`}`;
