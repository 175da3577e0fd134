import { openIndexedBackup, type IndexedBackup } from "#jobs/backup/open-indexed-backup.ts";
import { atLocation } from "../at-location.ts";
import type { HomeContext } from "../home-context.ts";
import { ringPassword } from "../ring-password.ts";

/** Which backup, and what opens it. */
export interface FilesWish {
  readonly backup: string;
  readonly location?: string | undefined;
  readonly password?: string | undefined;
}

/** Opens a backup for looking at its files. Rejects as `openIndexedBackup` does; closing it closes the location too. */
export async function openFiles(
  { backup, location, password }: FilesWish,
  context: HomeContext,
): Promise<IndexedBackup> {
  const { services, signal } = context;
  const place = atLocation(context, location);
  await using stack = new AsyncDisposableStack();
  const open = stack.use(await services.openLocation(place));
  const askPassword = ringPassword(context, password);
  const tools = services.archiveTools(place);
  const options = { tools, askPassword, signal };
  const opened = await openIndexedBackup(open.location, backup, options);
  const { file, index } = stack.use(opened);
  const kept = stack.move();
  return { file, index, [Symbol.asyncDispose]: () => kept.disposeAsync() };
}
