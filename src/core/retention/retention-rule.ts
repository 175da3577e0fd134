/** Periods of which one backup each can be kept, shortest first. */
export const generationNames = ["hourly", "daily", "weekly", "monthly", "yearly"] as const;
export type GenerationName = (typeof generationNames)[number];

/**
 * Which backups a location keeps; made by `parseRetentionRule`. A backup is kept if any of the conditions
 * `copies`, `days` and `generations` keeps it. A rule that states none of them keeps everything: that is
 * "forever". Numbers are whole and at least 1.
 */
export interface RetentionRule {
  /** Keeps the newest so many. */
  readonly copies: number | undefined;
  /**
   * Keeps what is younger than so many days, seen from the newest backup and not from the clock: while no
   * backups are made, none grows old. Counted in whole hours of the local clock.
   */
  readonly days: number | undefined;
  /**
   * Hours of the local clock that may lie between two backups as planned. Of a longer pause only so many
   * count towards `days`: a home that was off for a month, or a clock that jumped by a year, costs no more
   * than one ordinary pause.
   */
  readonly longestPauseInHours: number;
  /** Keeps one backup of each of the newest so many periods; periods without a backup do not count. */
  readonly generations: Readonly<Partial<Record<GenerationName, number>>>;
  readonly anchors: RetentionAnchors;
  /** IANA name of the time zone in whose calendar hours, days, weeks, months and years begin. */
  readonly zone: string;
}

/**
 * Which day stands for a period: the first day from the anchor on that has a backup, else the last one
 * before it; and of a day the latest backup. So what stands for a period now is replaced only by
 * something nearer to the anchor, and pruning early never removes what would stand for it later.
 */
export interface RetentionAnchors {
  /** Day of the week: 1 is Monday, 7 is Sunday. Weeks begin on Monday everywhere. */
  readonly weekly: number;
  /** Day of the month, 1 to 31; the last day of a month that is shorter. */
  readonly monthly: number;
  /** Day of the year, 1 to 366; 366 is the last day of every year. */
  readonly yearly: number;
}

/** Whether the rule lets anything go at all. */
export function statesAnything({ copies, days, generations }: RetentionRule): boolean {
  return [copies, days, ...Object.values(generations)].some((count) => count !== undefined);
}
