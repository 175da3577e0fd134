import { findFileInside } from "#jobs/archive/cat-file.ts";
import type { HomeContext } from "#operations/home-context.ts";
import { openFiles, type FilesWish } from "#operations/files/open-files.ts";
import { bodyOf } from "./body-of.ts";
import { attachmentNamed } from "./content-disposition.ts";
import { contentTypeOf } from "./content-type-of.ts";
import type { DownloadRequest } from "./download-request.ts";

export interface FileWish extends FilesWish {
  readonly part: string;
  readonly path: string;
}

/**
 * Answers with a file out of a backup. It is checked against its tag while it is sent: a damaged one breaks the
 * connection before its end. What is wrong with the wish, or with its first piece, rejects.
 */
export async function downloadFile(
  wish: FileWish,
  { headOnly, breakOff }: DownloadRequest,
  context: HomeContext,
): Promise<Response> {
  await using stack = new AsyncDisposableStack();
  const { file, index } = stack.use(await openFiles(wish, context));
  const { entry, content } = await findFileInside(file, index, wish);
  const name = entry.path.slice(entry.path.lastIndexOf("/") + 1);
  const headers = {
    "Content-Type": contentTypeOf(name),
    "Content-Length": String(entry.size),
    "Content-Disposition": attachmentNamed(name),
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
  };
  if (headOnly) return new Response(null, { headers });
  const bytes = heldBack(content);
  const first = await bytes.next();
  const kept = stack.move();
  return new Response(
    bodyOf(resumed(first, bytes), { close: () => kept.disposeAsync(), breakOff }),
    { headers },
  );
}

/**
 * The same bytes, each piece when the next one has come: whether a file is damaged is known behind its last byte, and
 * who has got that takes the file for whole. They are copies, as what comes out of an archive is only lent.
 */
async function* heldBack(bytes: AsyncGenerator<Uint8Array>): AsyncGenerator<Uint8Array> {
  let held: Uint8Array | undefined;
  for await (const piece of bytes) {
    if (held !== undefined) yield held;
    held = Uint8Array.from(piece);
  }
  if (held !== undefined) yield held;
}

async function* resumed(
  first: IteratorResult<Uint8Array, unknown>,
  rest: AsyncGenerator<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  try {
    if (first.done === true) return;
    yield first.value;
    yield* rest;
  } finally {
    await rest.return(undefined);
  }
}
