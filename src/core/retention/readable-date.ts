import type { CopyFacts } from "../model/copy.ts";

/** The last millisecond that a date of the language can be. */
const latestDate = 8.64e15;

/**
 * The date of a copy in milliseconds since 1970; undefined if it cannot be one. Before 1970 there is no
 * backup, only a field that was misread.
 */
export function readableDate({ date }: CopyFacts): number | undefined {
  const isReadable =
    date !== undefined && Number.isInteger(date) && date >= 0 && date <= latestDate;
  return isReadable ? date : undefined;
}
