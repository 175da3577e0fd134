import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { Rsync } from "./rsync.ts";
import { inSpool, makeWorkFolder } from "./work-folder.ts";

export interface SmallThings {
  /** For messages. */
  readonly subject: string;
  readonly folders?: readonly string[];
  /** Contents by path. */
  readonly files?: Readonly<Record<string, string>>;
}

/** Brings folders and small files to the place; what is there already stays as it is. */
export async function sendSmall(
  rsync: Rsync,
  { subject, folders = [], files = {} }: SmallThings,
  signal: AbortSignal,
): Promise<void> {
  const { spool } = rsync.settings;
  await using work = await makeWorkFolder(spool);
  await inSpool(spool, async () => {
    for (const folder of folders)
      await mkdir(join(work.path, folder), { recursive: true, mode: 0o700 });
    for (const [path, content] of Object.entries(files)) {
      await mkdir(dirname(join(work.path, path)), { recursive: true, mode: 0o700 });
      await writeFile(join(work.path, path), content, { mode: 0o600 });
    }
  });
  await rsync.run({ subject, options: ["-r", "--ignore-existing"], push: work.path }, signal);
}
