import { fileNameTime } from "#core/model/file-name-time.ts";

export interface NamedBackup {
  readonly slug: string;
  readonly name: string;
  /** ISO date-time; its own offset counts. */
  readonly date: string;
}

/**
 * File name that Home Assistant gives to a backup (docs/format.md, section 4), such as
 * `Automatic_backup_2026-08-20_04.51_12345678.tar`; `<slug>.tar` if the date cannot be read.
 *
 * • Valid on every file system and share: no separator, reserved or control character, no leading dot,
 *   at most 200 bytes, so that a suffix can be added.
 */
export function defaultFileName({ slug, name, date }: NamedBackup): string {
  const time = fileNameTime(date);
  if (time === undefined) return `${slug}.tar`;
  const suffix = `${time}.tar`;
  const safe = cut(safeName(name), longestFileName - suffix.length - 1);
  return safe === "" ? suffix : `${safe}_${suffix}`;
}

const longestFileName = 200;

function safeName(name: string): string {
  return (
    name
      .toWellFormed()
      .trim()
      .replace(/\s+/g, "_")
      // Windows shares and OneDrive refuse more than Linux does.
      .replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}/\\:*?"<>|]/gu, "_")
      .replace(/^\.+/, "_")
  );
}

/** Cuts to at most `limit` bytes of UTF-8, between characters. */
function cut(text: string, limit: number): string {
  let bytes = 0;
  let end = 0;
  for (const character of text) {
    bytes += Buffer.byteLength(character);
    if (bytes > limit) return text.slice(0, end);
    end += character.length;
  }
  return text;
}
