import type { ReportProgress } from "#core/ports.ts";
import type { DeflatePool } from "#format/gzip/deflate-pool.ts";
import { GzipMemberWriter } from "#format/gzip/gzip-member-writer.ts";
import { rewriteBackupJson } from "#format/backup-json/encode-backup-json.ts";
import type { EncryptionContext } from "#format/securetar/encryption-context.ts";
import type { PasswordKeys } from "#format/securetar/password-keys.ts";
import { archiveFingerprint } from "../index/archive-fingerprint.ts";
import type { ArchiveTarget, Spool } from "../ports.ts";
import { openPlainStream, openTarStream } from "../read/inner-stream.ts";
import type { InnerArchive, OpenArchive } from "../read/open-archive.ts";
import { nameMember } from "../read/read-part.ts";
import { TargetWriter, type WrittenMember } from "../write/target-writer.ts";

export interface ConvertOptions {
  /** Keys of the archive as it is. */
  readonly keys: PasswordKeys | undefined;
  /** How the new archive is encrypted; undefined for a plain one. */
  readonly encryption: EncryptionContext | undefined;
  readonly target: ArchiveTarget;
  readonly openSpool: () => Promise<Spool>;
  /** Asked for only where data has to be compressed anew. */
  readonly openPool: () => Promise<DeflatePool>;
  /** What `extra` says in the new archive; unknown keys should be kept. */
  readonly extra: Readonly<Record<string, unknown>>;
  readonly report: ReportProgress;
  readonly signal: AbortSignal;
}

/** What is known of an archive that was written anew. */
export interface ConvertedArchive {
  /** See `archiveFingerprint`. */
  readonly fingerprint: string;
  readonly encryption: "none" | "v2" | "v3";
  /** By member; those whose data was compressed anew lie at other places in it and are left out. */
  readonly written: ReadonlyMap<string, WrittenMember>;
}

/**
 * Writes an archive anew with another key or none, in one pass. Compressed data is taken over as it is,
 * but for SecureTar v1, whose gzip trailer is broken: that is inflated and compressed anew. The new
 * archive has not been read back when this returns.
 */
export async function convertArchive(
  archive: OpenArchive,
  options: ConvertOptions,
): Promise<ConvertedArchive> {
  const { target, encryption, extra } = options;
  const writer = new TargetWriter(target, encryption, options.openSpool);
  const mtime = timeOf(archive.metadata.date);
  try {
    const written = new Map<string, WrittenMember>();
    for (const inner of archive.inner) {
      const member = await convertInner(archive, inner, { ...options, writer, mtime });
      if (member !== undefined) written.set(inner.member, member);
    }
    const document = rewriteBackupJson(archive.metadata.raw, {
      protected: encryption !== undefined,
      extra,
    });
    await writer.writeMetadata(document, mtime);
    await writer.finish();
    await target.commit();
    return {
      fingerprint: archiveFingerprint(writer.members, document),
      encryption: encryption === undefined ? "none" : encryption.version === 2 ? "v2" : "v3",
      written,
    };
  } catch (error) {
    // What cannot be removed must not hide why it should be.
    await Promise.allSettled([writer.abort()]);
    throw error;
  }
}

/** Seconds since 1970, or 0 for what is no date or does not fit into a header. */
function timeOf(date: string): number {
  const time = Math.floor(Date.parse(date) / 1000);
  return time >= 0 && time < 2 ** 33 ? time : 0;
}

type InnerOptions = ConvertOptions & { readonly writer: TargetWriter; readonly mtime: number };

async function convertInner(
  archive: OpenArchive,
  inner: InnerArchive,
  options: InnerOptions,
): Promise<WrittenMember | undefined> {
  const { writer, keys, mtime, signal, report } = options;
  try {
    const plain = await openPlainStream(archive.source, inner, keys);
    await writer.begin(inner.member, mtime);
    let bytes = 0;
    const append = async (piece: Uint8Array): Promise<void> => {
      signal.throwIfAborted();
      await writer.append(piece);
      bytes += piece.length;
      report({ step: "convert", part: inner.name, bytes });
    };
    if (plain.legacyTrailer) await recompress(await openTarStream(plain), options.openPool, append);
    else for await (const piece of plain.bytes) await append(piece);
    const written = await writer.end();
    return plain.legacyTrailer ? undefined : written;
  } catch (error) {
    throw nameMember(error, inner);
  }
}

async function recompress(
  tar: Awaited<ReturnType<typeof openTarStream>>,
  openPool: () => Promise<DeflatePool>,
  append: (bytes: Uint8Array) => Promise<void>,
): Promise<void> {
  if (tar.compression === "none") {
    for await (const piece of tar.bytes) await append(piece);
    return;
  }
  const gzip = new GzipMemberWriter(await openPool(), { emit: append });
  for await (const piece of tar.bytes) await gzip.write(piece);
  await gzip.end();
}
