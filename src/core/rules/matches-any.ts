import { advanceGlob, compileGlob, startGlob, type Glob } from "./glob.ts";

/**
 * Chooses entries of a backup by globs: a glob matches an entry, everything below a folder that it
 * matches, and, without a `/` in it, a name at any depth. The `data/` in front of the paths of Home
 * Assistant and add-ons may be left out.
 */
export function matchesAny(globs: readonly string[]): (path: string) => boolean {
  const compiled = globs
    .map((glob) => glob.replace(/^(?:\.?\/)+/, ""))
    .flatMap((glob) => [glob, ...(glob.includes("/") ? [] : [`**/${glob}`])])
    .map(compileGlob);
  return (path) => {
    const names = path.split("/").filter((name) => name !== "" && name !== ".");
    const short = names[0] === "data" ? names.slice(1) : names;
    return compiled.some((glob) => matchesBranch(glob, names) || matchesBranch(glob, short));
  };
}

function matchesBranch(glob: Glob, names: readonly string[]): boolean {
  let state = startGlob(glob);
  for (const name of names) {
    const step = advanceGlob(glob, state, name);
    if (step.matched) return true;
    state = step.state;
  }
  return false;
}
