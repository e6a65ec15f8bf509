/** Options a call takes, in the order in which a message lists them. */
export type OptionNames = readonly string[];

/** Names further than this from every known one are not taken for a slip of the pen. */
const NEAR = 3;

/**
 * The options object itself, which may be missing. Throws TypeError for what is no object and for names that `what`
 * does not know: an option that is silently ignored is found out much later.
 */
export function checkNames<T extends object>(given: T | undefined | null, known: OptionNames, what: string): T {
  if (given === undefined || given === null) return {} as T;
  if (typeof given !== 'object' || Array.isArray(given)) {
    throw new TypeError(
      `the options of ${what} must be an object, not ${Array.isArray(given) ? 'an array' : typeof given}`,
    );
  }
  for (const name in given) if (!known.includes(name)) throw unknownOption(name, known, what);
  return given;
}

function unknownOption(name: string, known: OptionNames, what: string): TypeError {
  const nearest = nearestName(name, known);
  const mend = nearest === undefined ? `It takes ${known.join(', ')}.` : `Did you mean '${nearest}'?`;
  return new TypeError(`${what} has no option '${name}'. ${mend}`);
}

/** The known name that was probably meant; Python's spelling counts as the same. */
function nearestName(name: string, known: OptionNames): string | undefined {
  let best: string | undefined;
  let least = NEAR + 1;
  for (const each of known) {
    const distance = editDistance(plain(name), plain(each));
    if (distance >= least || distance >= each.length / 2) continue;
    best = each;
    least = distance;
  }
  return best;
}

const plain = (name: string): string => name.toLowerCase().replaceAll('_', '');

/** How many letters have to be put in, left out or replaced (Levenshtein). */
function editDistance(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = (previous[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      row.push(Math.min(replaced, (previous[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1));
    }
    previous = row;
  }
  return previous[b.length] ?? 0;
}
