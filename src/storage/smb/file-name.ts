import { StorageError } from "../errors.ts";

/**
 * Characters that SMB does not allow in names, and what stands for them: the private characters that Services for Mac
 * has chosen. Linux (`mapposix`, its default) and macOS use the same, so that a mounted share shows the same names.
 */
const stand = new Map<string, string>([
  ...Array.from({ length: 31 }, (_, index): [string, string] => [
    String.fromCharCode(index + 1),
    String.fromCharCode(0xf001 + index),
  ]),
  ['"', "\uf020"],
  ["*", "\uf021"],
  [":", "\uf022"],
  ["<", "\uf023"],
  [">", "\uf024"],
  ["?", "\uf025"],
  ["\\", "\uf026"],
  ["|", "\uf027"],
]);
const blankAtEnd = "\uf028";
const dotAtEnd = "\uf029";

const back = new Map([...stand].map(([from, to]) => [to, from]));

/** One name of a key as the server is told it. Throws `unsupported` for a name with the characters that stand for others. */
export function fileNameOf(name: string): string {
  if (/[\uf001-\uf029]/u.test(name)) {
    throw new StorageError(
      "unsupported",
      `"${name}" holds private characters that stand for others on a network share`,
      { key: name },
    );
  }
  const allowed = Array.from(name, (character) => stand.get(character) ?? character).join("");
  return allowed.replace(/ $/u, blankAtEnd).replace(/\.$/u, dotAtEnd);
}

/** The name that a server's name stands for. */
export function nameOfFile(fileName: string): string {
  return fileName
    .replace(/\uf028$/u, " ")
    .replace(/\uf029$/u, ".")
    .replace(/[\uf001-\uf027]/gu, (character) => back.get(character) ?? character);
}
