const longestName = 200;

/**
 * Makes a text fit to be the name of a backup: one line, no control characters, nothing that turns the
 * direction of what follows, no blanks around it or in a row, at most 200 characters.
 */
export function cleanName(text: string): string {
  const oneLine = text
    .toWellFormed()
    .replaceAll(/\p{Bidi_Control}/gu, "")
    .replaceAll(/[\s\p{Cc}]+/gu, " ")
    .trim();
  return Array.from(oneLine).slice(0, longestName).join("").trimEnd();
}
