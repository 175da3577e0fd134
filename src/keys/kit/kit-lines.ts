/** Lines of a copy of a kit, as they stand and without the markup of a page. */
export function kitLines(copy: string): readonly string[] {
  return copy.split(/\r?\n/).flatMap((line) => [line, withoutMarkup(line)]);
}

function withoutMarkup(line: string): string {
  return line
    .replaceAll(/<[^>]*>/g, "")
    .replaceAll(/&#(\d{1,7});/g, (whole, code: string) =>
      Number(code) <= 0x10ffff ? String.fromCodePoint(Number(code)) : whole,
    );
}
