const mostAlternatives = 256;

/** `a{b,c}` → `ab`, `ac`. @throws RangeError if there are more alternatives than any sensible pattern has */
export function expandBraces(pattern: string): string[] {
  const done: string[] = [];
  const open = [pattern];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const group = firstGroup(next);
    if (group === undefined) done.push(next);
    else for (const option of group.options) open.push(group.before + option + group.after);
    if (done.length + open.length > mostAlternatives)
      throw new RangeError("The pattern has too many alternatives");
  }
  return done.reverse();
}

interface BraceGroup {
  readonly before: string;
  readonly options: readonly string[];
  readonly after: string;
}

/** The first `{…,…}`; braces without a comma or without an end stand for themselves. */
function firstGroup(pattern: string): BraceGroup | undefined {
  for (let start = 0; start < pattern.length; start += 1) {
    if (pattern[start] === "\\") start += 1;
    else if (pattern[start] === "{") {
      const group = readGroup(pattern, start);
      if (group !== undefined) return group;
    }
  }
  return undefined;
}

function readGroup(pattern: string, start: number): BraceGroup | undefined {
  const options: string[] = [];
  let depth = 0;
  let from = start + 1;
  for (let at = start; at < pattern.length; at += 1) {
    const character = pattern[at];
    if (character === "\\") at += 1;
    else if (character === "{") depth += 1;
    else if (character === "," && depth === 1) {
      options.push(pattern.slice(from, at));
      from = at + 1;
    } else if (character === "}" && (depth -= 1) === 0) {
      if (options.length === 0) return undefined;
      return {
        before: pattern.slice(0, start),
        options: [...options, pattern.slice(from, at)],
        after: pattern.slice(at + 1),
      };
    }
  }
  return undefined;
}
