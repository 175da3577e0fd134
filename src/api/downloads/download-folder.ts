import { packerOfFolder } from "#jobs/archive/pack-folder.ts";
import { openFiles, type FilesWish } from "#operations/files/open-files.ts";
import type { HomeContext } from "#operations/home-context.ts";
import { attachmentNamed } from "./content-disposition.ts";
import type { DownloadRequest } from "./download-request.ts";
import { writtenBody } from "./written-body.ts";

export interface FolderWish extends FilesWish {
  readonly part: string;
  /** Path inside the part; empty for all of it. */
  readonly folder: string;
}

/** Answers with a folder of a backup as a tar of its own. A damaged file in it breaks the connection. */
export async function downloadFolder(
  wish: FolderWish,
  { headOnly, breakOff }: DownloadRequest,
  context: HomeContext,
): Promise<Response> {
  await using stack = new AsyncDisposableStack();
  const { file, index } = stack.use(await openFiles(wish, context));
  const folder = wish.folder.replace(/^(?:\.?\/)+/, "").replace(/\/+$/, "");
  const pack = await packerOfFolder(file, index, { part: wish.part, folder });
  const name = (folder === "" ? wish.part : folder).split("/").at(-1) ?? wish.part;
  const headers = {
    "Content-Type": "application/x-tar",
    "Content-Disposition": attachmentNamed(`${name}.tar`),
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
  };
  if (headOnly) return new Response(null, { headers });
  const kept = stack.move();
  return new Response(
    writtenBody((put) => pack(put, context.signal), { close: () => kept.disposeAsync(), breakOff }),
    { headers },
  );
}
