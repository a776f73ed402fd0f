/** N of each file, the same ones for the same seed; all where there are no more than N, or N is not given. */
export function drawn(mutants, size, seed) {
  if (size === undefined) return mutants;
  const byFile = groupedByFile(mutants);
  return [...byFile].flatMap(([file, list]) => shuffled(list, seed, file).slice(0, size));
}

/**
 * The share of killed ones among all mutants, from a sample of each file, and half of its interval of 95 %. Each file
 * counts by how many mutants it has. Zero is the half where all were run.
 */
export function estimated(files) {
  const total = files.reduce((sum, { all }) => sum + all, 0);
  let share = 0;
  let variance = 0;
  for (const { all, run, killed } of files) {
    if (run === 0) continue;
    const part = killed / run;
    const weight = all / total;
    share += weight * part;
    if (run < all) variance += weight ** 2 * ((part * (1 - part)) / Math.max(1, run - 1)) * (1 - run / all);
  }
  return { share, half: 1.96 * Math.sqrt(variance) };
}

export function groupedByFile(list) {
  const found = new Map();
  for (const each of list) found.set(each.file, [...(found.get(each.file) ?? []), each]);
  return found;
}

function shuffled(list, seed, file) {
  const random = randomFrom([...file].reduce((sum, letter) => (Math.imul(sum, 31) + letter.charCodeAt(0)) | 0, seed));
  const result = [...list];
  for (let at = result.length - 1; at > 0; at--) {
    const other = Math.floor(random() * (at + 1));
    [result[at], result[other]] = [result[other], result[at]];
  }
  return result;
}

/** Mulberry32: small, the same on every machine. */
function randomFrom(seed) {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}
