/**
 * The known name that a misspelt one was most likely meant to be. Case and the order of words joined by
 * `_` do not count: `HA_version` is `version_ha`.
 * @param known at least one
 */
export function nearestName(name: string, known: readonly string[]): string | undefined {
  // Nobody's typing error is longer, and distances take time of the product of both lengths.
  const given = name.slice(0, 100);
  const distances = known.map((candidate) =>
    Math.min(
      distance(given.toLowerCase(), candidate.toLowerCase()),
      distance(sorted(given), sorted(candidate)),
    ),
  );
  return known[distances.indexOf(Math.min(...distances))];
}

function sorted(name: string): string {
  return name.toLowerCase().split("_").sort().join("_");
}

/** Levenshtein's: how many characters have to be put in, taken out or changed. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, at) => at);
  for (const [i, character] of Array.from(a).entries()) {
    const next = [i + 1];
    for (let j = 1; j <= b.length; j += 1) {
      const changed = (row[j - 1] ?? 0) + (character === b[j - 1] ? 0 : 1);
      next.push(Math.min(changed, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
