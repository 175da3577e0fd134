/**
 * A filter of rsync that a single path below the root matches, and nothing else. A backslash takes the meaning of the next
 * character only where a pattern holds a wildcard at all (rsync(1), "Pattern matching rules").
 * @param key of a file; with `/` at its end that of a folder
 */
export function patternOf(key: string): string {
  const hasWildcard = /[*?[]/.test(key);
  return `/${hasWildcard ? key.replaceAll(/[\\*?[]/g, "\\$&") : key}`;
}

/** Filters that let through only these files, and the folders that lead to them. */
export function onlyThese(keys: readonly string[]): string[] {
  const wanted = new Set<string>();
  for (const key of keys) {
    for (const folder of foldersOf(key)) wanted.add(patternOf(folder));
    wanted.add(patternOf(key));
  }
  return [...Array.from(wanted, (pattern) => `--include=${pattern}`), "--exclude=*"];
}

/** The folders that lead to a file: `a/` and `a/b/` for `a/b/c`. */
export function foldersOf(key: string): readonly string[] {
  const names = key.replace(/\/$/, "").split("/").slice(0, -1);
  return names.map((_, index) => `${names.slice(0, index + 1).join("/")}/`);
}

/** The same for everything in a folder, but not in its folders. */
export function onlyIn(folder: string): string[] {
  const pattern = patternOf(folder);
  // With the wildcard of the end, backslashes count in all of it.
  const inside = /[*?[]/.test(folder) ? pattern : pattern.replaceAll("\\", "\\\\");
  return [...onlyThese([folder]).slice(0, -1), `--include=${inside}*`, "--exclude=*"];
}

/** The same for everything below a folder whose name needs no escaping. */
export function onlyBelow(folder: string): string[] {
  return [...onlyThese([folder]).slice(0, -1), `--include=${patternOf(folder)}**`, "--exclude=*"];
}
