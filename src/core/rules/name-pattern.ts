export type NameMatcher = (name: string) => boolean;

/** Makes one name of a glob ready: `*`, `?`, `[…]` and `\\` inside of it; `**` alone is left to the caller. */
export function compileName(text: string): NameMatcher | "**" {
  if (text === "**") return "**";
  const tokens = tokenize(text);
  const stars = tokens.filter((token) => token === "*").length;
  if (stars > 1 || tokens.some((token) => typeof token === "function"))
    return (name) => matchTokens(tokens, Array.from(name));
  if (stars === 0) return literalMatcher(tokens.map(textOf).join(""));
  const star = tokens.indexOf("*");
  const head = tokens.slice(0, star).map(textOf).join("");
  const tail = tokens
    .slice(star + 1)
    .map(textOf)
    .join("");
  return (name) =>
    name.length >= head.length + tail.length && name.startsWith(head) && name.endsWith(tail);
}

function literalMatcher(literal: string): NameMatcher {
  return (name) => name === literal;
}

/** A star, a test of one character, or a character. */
type Token = "*" | ((character: string) => boolean) | { readonly character: string };

function textOf(token: Token): string {
  return typeof token === "object" ? token.character : "";
}

function tokenize(text: string): Token[] {
  const characters = Array.from(text);
  const tokens: Token[] = [];
  for (let at = 0; at < characters.length; at += 1) {
    const character = characters[at] ?? "";
    const set = character === "[" ? readSet(characters, at) : undefined;
    if (character === "*") {
      if (tokens.at(-1) !== "*") tokens.push("*");
    } else if (character === "?") tokens.push(() => true);
    else if (set !== undefined) {
      tokens.push(set.test);
      at = set.end;
    } else if (character === "\\" && at + 1 < characters.length) {
      at += 1;
      tokens.push({ character: characters[at] ?? "" });
    } else tokens.push({ character });
  }
  return tokens;
}

/** The set that opens at `start`; undefined if it is never closed and `[` stands for itself. */
function readSet(
  characters: readonly string[],
  start: number,
): { test: (character: string) => boolean; end: number } | undefined {
  let at = start + 1;
  const negated = characters[at] === "!" || characters[at] === "^";
  if (negated) at += 1;
  const ranges: [string, string][] = [];
  for (let first = true; at < characters.length; first = false) {
    if (characters[at] === "]" && !first) {
      return {
        test: (character) => ranges.some(([from, to]) => isWithin(character, from, to)) !== negated,
        end: at,
      };
    }
    const [from, afterFrom] = readSetCharacter(characters, at);
    const isRange =
      characters[afterFrom] === "-" &&
      afterFrom + 1 < characters.length &&
      characters[afterFrom + 1] !== "]";
    const [to, afterTo] = isRange ? readSetCharacter(characters, afterFrom + 1) : [from, afterFrom];
    ranges.push([from, to]);
    at = afterTo;
  }
  return undefined;
}

function readSetCharacter(
  characters: readonly string[],
  at: number,
): [character: string, next: number] {
  const escaped = characters[at] === "\\" && at + 1 < characters.length;
  return [characters[escaped ? at + 1 : at] ?? "", at + (escaped ? 2 : 1)];
}

function isWithin(character: string, from: string, to: string): boolean {
  const code = character.codePointAt(0) ?? 0;
  return code >= (from.codePointAt(0) ?? 0) && code <= (to.codePointAt(0) ?? 0);
}

/** Going back only to the latest star is enough, which keeps this at O(tokens × characters). */
function matchTokens(tokens: readonly Token[], characters: readonly string[]): boolean {
  let token = 0;
  let starToken = -1;
  let starCharacter = 0;
  for (let at = 0; at < characters.length;) {
    const current = tokens[token];
    if (current === "*") {
      starToken = token;
      starCharacter = at;
      token += 1;
    } else if (current !== undefined && tokenMatches(current, characters[at] ?? "")) {
      token += 1;
      at += 1;
    } else if (starToken >= 0) {
      starCharacter += 1;
      at = starCharacter;
      token = starToken + 1;
    } else return false;
  }
  while (tokens[token] === "*") token += 1;
  return token === tokens.length;
}

function tokenMatches(token: Exclude<Token, "*">, character: string): boolean {
  return typeof token === "function" ? token(character) : token.character === character;
}
