/** What is mounted at a path. */
export interface Mount {
  /** `nas.lan:/volume1/backups`, a device … */
  readonly source: string;
  /** Of the file system: `nfs4`, `ext4` … */
  readonly type: string;
}

/**
 * What is mounted at exactly that path; undefined if nothing is. Of several on top of each other the last.
 * @param mountinfo text of `/proc/self/mountinfo`; source of the format: proc(5)
 */
export function mountAt(mountinfo: string, path: string): Mount | undefined {
  const lines = mountinfo.split("\n").map((line) => line.split(" "));
  const found = lines.findLast((fields) => unescaped(fields[4] ?? "") === path);
  const dash = found?.indexOf("-") ?? -1;
  const [type, source] = dash < 0 ? [] : (found ?? []).slice(dash + 1);
  if (type === undefined || source === undefined) return undefined;
  return { source: unescaped(source), type };
}

/** Blanks and backslashes stand as three octal digits. */
function unescaped(text: string): string {
  return text.replaceAll(/\\([0-7]{3})/gu, (_, digits: string) =>
    String.fromCharCode(Number.parseInt(digits, 8)),
  );
}
