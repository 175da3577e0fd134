const dateTime = /^(\d{4}-\d\d-\d\d)[T ](\d\d):?(\d\d)(?::?(\d\d)(?:[.,](\d{1,9}))?)?/;

/**
 * Time of a backup as its file's name has it, `<YYYY-MM-DD>_<HH.MM>_<SSffffff>` (docs/format.md, section 4);
 * undefined if the date cannot be read.
 * @param date ISO date-time; its own offset counts
 */
export function fileNameTime(date: string): string | undefined {
  const [, day, hour, minute, second = "00", fraction = ""] = dateTime.exec(date) ?? [];
  if (day === undefined || hour === undefined || minute === undefined) return undefined;
  return `${day}_${hour}.${minute}_${second}${fraction.slice(0, 6).padEnd(6, "0")}`;
}
