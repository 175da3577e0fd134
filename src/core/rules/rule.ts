/**
 * A user's rule about what does not go into a backup (see `parse-rule.ts` for the text form).
 * The last rule that matches an entry decides, as in `.gitignore`.
 */
export interface Rule {
  /** The rule as the user wrote it. */
  readonly text: string;
  /** `!` in front: entries that match go in after all. */
  readonly include: boolean;
  /** Glob over `<part's folder>/<path>`, e.g. `media/**`, `**\/.git`, `*.mp4`. */
  readonly pattern: string;
  /** Matches only files of more than this many bytes. */
  readonly largerThan?: number;
  /** The rule `CACHEDIR.TAG`: directories that hold a valid tag file, but for the tag. */
  readonly cacheDirTag?: boolean;
}
