import { expandBraces } from "./expand-braces.ts";
import { compileName } from "./name-pattern.ts";
import type { NameMatcher } from "./name-pattern.ts";

/**
 * Globs over paths, matched name by name. Written here rather than taken from a package because the
 * patterns recorded in a backup are hostile input: matching has to stay linear in the length of a name
 * whatever the pattern is, and "could anything below this folder match?" needs the state between names.
 *
 * `*` and `?` stay inside a name and match leading dots, `**` as a whole name spans any depth (at the
 * end: at least one name), `[a-z]` and `[!a-z]` are sets, `{a,b}` alternatives, `\` takes the next
 * character literally.
 */
export type Glob = readonly GlobAlternative[];
type GlobAlternative = readonly (NameMatcher | "**")[];

/** Where matching stands after some names; opaque, to be handed to `advanceGlob`. */
export type GlobState = readonly number[];

const positionsPerAlternative = 4096;

/** @throws RangeError if the pattern is longer or branches more than any sensible one */
export function compileGlob(pattern: string): Glob {
  if (pattern.length >= positionsPerAlternative) throw new RangeError("The pattern is too long");
  return expandBraces(pattern).map((alternative) =>
    splitNames(alternative).map(compileName).filter(isNoRepeat),
  );
}

function isNoRepeat(
  name: NameMatcher | "**",
  at: number,
  names: readonly (NameMatcher | "**")[],
): boolean {
  return name !== "**" || names[at + 1] !== "**";
}

export function startGlob(glob: Glob): GlobState {
  const state: number[] = [];
  glob.forEach((_, alternative) => addPosition(glob, state, alternative * positionsPerAlternative));
  return state;
}

/** Takes one more name. `matched` is about the path up to and with this name. */
export function advanceGlob(
  glob: Glob,
  state: GlobState,
  name: string,
): { readonly state: GlobState; readonly matched: boolean } {
  const next: number[] = [];
  let matched = false;
  for (const position of state) {
    const [alternative, at] = locate(glob, position);
    const step = alternative[at];
    const isLast = at === alternative.length - 1;
    if (step === "**") addPosition(glob, next, position);
    else if (step === undefined || !step(name)) continue;
    else if (!isLast) addPosition(glob, next, position + 1);
    matched ||= isLast;
  }
  return { state: next, matched };
}

/** Whether the path matches once this name is added; `advanceGlob` without the new state. */
export function globMatches(glob: Glob, state: GlobState, name: string): boolean {
  for (const position of state) {
    const [alternative, at] = locate(glob, position);
    if (at !== alternative.length - 1) continue;
    const step = alternative[at];
    if (step === "**" || step?.(name)) return true;
  }
  return false;
}

function locate(glob: Glob, position: number): [alternative: GlobAlternative, at: number] {
  return [
    glob[Math.floor(position / positionsPerAlternative)] ?? [],
    position % positionsPerAlternative,
  ];
}

function addPosition(glob: Glob, state: number[], position: number): void {
  if (state.includes(position)) return;
  const [alternative, at] = locate(glob, position);
  if (at >= alternative.length) return;
  state.push(position);
  if (alternative[at] === "**" && at < alternative.length - 1)
    addPosition(glob, state, position + 1);
}

/** Names between slashes; empty ones (`/a//b`) are dropped, so a leading `/` only anchors. */
function splitNames(pattern: string): string[] {
  return pattern.split("/").filter((name) => name !== "");
}
