export interface Column {
  readonly title: string;
  readonly right?: boolean;
}

/** Lines of a table with aligned columns; control characters in cells are made visible. */
export function formatTable(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
): string {
  const cells = [
    columns.map(({ title }) => title),
    ...rows.map((row) => row.map((cell) => clip(printable(cell)))),
  ];
  const widths = columns.map((_, at) => Math.max(...cells.map((row) => (row[at] ?? "").length)));
  return cells
    .map((row) =>
      row.map((cell, at) => pad(cell, widths[at] ?? 0, columns[at]?.right === true)).join("  "),
    )
    .map((line) => `${line.trimEnd()}\n`)
    .join("");
}

/**
 * Names come from archives of strangers: nothing in them may steer the terminal, and nothing may change the
 * order in which it is read.
 */
export function printable(text: string): string {
  return text.replace(steering, (character) => {
    const code = character.codePointAt(0) ?? 0;
    if (code > 0xff && !isByte(code)) return `\\u${code.toString(16)}`;
    return `\\x${(code & 0xff).toString(16).padStart(2, "0")}`;
  });
}

const steering =
  // oxlint-disable-next-line no-control-regex -- control characters are what must not get through
  /[\u0000-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff]/gu;

/** See `path-bytes.ts`. */
function isByte(code: number): boolean {
  return code >= 0xdc80 && code <= 0xdcff;
}

/** One long cell must not make every line of the table as long. */
function clip(text: string): string {
  return text.length <= longestCell ? text : `${text.slice(0, longestCell)}…`;
}

const longestCell = 500;

function pad(text: string, width: number, right: boolean): string {
  return right ? text.padStart(width) : text.padEnd(width);
}
