/**
 * Names as they lie at the server. Many servers refuse control characters and backslashes in names, so these are
 * kept as signs that look like them (U+2400 and following, U+FF3C), and such a sign itself behind U+201B: the way
 * that rclone has, so both read each other's names.
 */
export function encodeName(name: string): string {
  return Array.from(name)
    .map((character, at, all) => {
      const sign = signFor(character);
      if (sign !== undefined) return sign;
      if (isSign(character)) return quote + character;
      // Alone it is itself; only in front of a sign it would be taken for the quote of that.
      const next = all[at + 1] ?? "";
      return character === quote && (isSpecial(next) || signFor(next) !== undefined)
        ? quote + quote
        : character;
    })
    .join("");
}

/** What `encodeName` was given. */
export function decodeName(name: string): string {
  return name.replace(
    /\u201b([\u2401-\u241f\u2421\uff3c\u201b])|[\u2401-\u241f\u2421\uff3c]/g,
    (sign, quoted) => (typeof quoted === "string" ? quoted : characterOf(sign)),
  );
}

const quote = "\u201b";

function signFor(character: string): string | undefined {
  if (character === "\\") return "\uff3c";
  if (character === "\x7f") return "\u2421";
  const code = character.charCodeAt(0);
  return code > 0 && code < 0x20 ? String.fromCharCode(0x2400 + code) : undefined;
}

function characterOf(sign: string): string {
  if (sign === "\uff3c") return "\\";
  if (sign === "\u2421") return "\x7f";
  return String.fromCharCode(sign.charCodeAt(0) - 0x2400);
}

function isSign(character: string): boolean {
  return /^[\u2401-\u241f\u2421\uff3c]$/.test(character);
}

function isSpecial(character: string): boolean {
  return character === quote || isSign(character);
}
