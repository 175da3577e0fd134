import { SafehouseError } from "#core/model/problem.ts";
import type { PasswordKeys } from "#format/securetar/password-keys.ts";
import type { TarEvent } from "#format/tar/tar-event.ts";
import { TarReader } from "#format/tar/tar-reader.ts";
import type { ArchiveIndex } from "../index/index-reader.ts";
import { checkTarBytes } from "./check-tar-bytes.ts";
import { inflateChunks } from "./inflate-chunks.ts";
import { openPlainStream, openTarStream } from "./inner-stream.ts";
import type { InnerArchive, OpenArchive } from "./open-archive.ts";

/** What a reader may use besides the archive itself. */
export interface ReadAccess {
  readonly keys: PasswordKeys | undefined;
  /** An index that belongs to this archive; makes reading parallel. */
  readonly index: ArchiveIndex | undefined;
}

/**
 * Reads one inner archive from beginning to end, in batches; everything in it is authenticated,
 * decompressed and checked as far as its format allows. Data is lent until the next batch is asked for.
 * Errors name the inner archive.
 */
export async function* readPart(
  archive: OpenArchive,
  inner: InnerArchive,
  access: ReadAccess,
): AsyncGenerator<readonly TarEvent[]> {
  const reader = new TarReader();
  try {
    for await (const bytes of await tarBytes(archive, inner, access)) yield reader.push(bytes);
    yield reader.end();
  } catch (error) {
    throw nameMember(error, inner);
  }
}

async function tarBytes(
  archive: OpenArchive,
  inner: InnerArchive,
  { keys, index }: ReadAccess,
): Promise<AsyncIterable<Uint8Array>> {
  const plain = await openPlainStream(archive.source, inner, keys);
  const part = await index?.part(inner.member);
  if (part === undefined) return (await openTarStream(plain)).bytes;
  const bytes =
    part.chunks.length > 0 ? inflateChunks(plain.bytes, part) : (await openTarStream(plain)).bytes;
  return checkTarBytes(bytes, part);
}

/** The same problem, with the inner archive's name in front. */
export function nameMember(error: unknown, inner: InnerArchive): unknown {
  if (!(error instanceof SafehouseError) || error.message.startsWith(inner.member)) return error;
  const { problem, subject, advice, facts } = error;
  return new SafehouseError(problem, `${inner.member}: ${error.message}`, {
    cause: error,
    subject: subject ?? inner.name,
    ...(advice === undefined ? {} : { advice }),
    ...(facts === undefined ? {} : { facts }),
  });
}
