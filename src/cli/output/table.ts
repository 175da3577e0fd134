export interface Column {
  readonly title: string;
  readonly right?: boolean;
}

/** Lines of a table with aligned columns; control characters in cells are made visible. */
export function formatTable(columns: readonly Column[], rows: readonly (readonly string[])[]): string {
  const cells = [columns.map(({ title }) => title), ...rows.map((row) => row.map(printable))];
  const widths = columns.map((_, at) => Math.max(...cells.map((row) => (row[at] ?? "").length)));
  return cells
    .map((row) => row.map((cell, at) => pad(cell, widths[at] ?? 0, columns[at]?.right === true)).join("  "))
    .map((line) => `${line.trimEnd()}\n`)
    .join("");
}

/** Names come from archives of strangers: nothing in them may steer the terminal. */
export function printable(text: string): string {
  return text.replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029\udc80-\udcff]/gu, (character) => {
    const code = character.codePointAt(0) ?? 0;
    return `\\x${(code & 0xff).toString(16).padStart(2, "0")}`;
  });
}

function pad(text: string, width: number, right: boolean): string {
  return right ? text.padStart(width) : text.padEnd(width);
}
