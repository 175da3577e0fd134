import { createIndex } from "#archive/index/index-key.ts";
import { openIndex, type ArchiveIndex } from "#archive/index/index-reader.ts";
import type { IndexSink, Spool } from "#archive/ports.ts";
import { openArchive, type OpenArchive } from "#archive/read/open-archive.ts";
import {
  ArchiveSink,
  type NewBackupDocument,
  type SinkTarget,
} from "#archive/write/archive-sink.ts";
import { identifyBackup } from "#archive/write/identify-backup.ts";
import type { Entry } from "#core/model/entry.ts";
import type { PartEvent } from "#core/model/part-event.ts";
import type { Part } from "#core/model/part.ts";
import type { ByteSource } from "#core/ports.ts";
import type { DeflatePool } from "#format/gzip/deflate-pool.ts";
import { createEncryptionContext } from "#format/securetar/encryption-context.ts";
import { PasswordKeys } from "#format/securetar/password-keys.ts";
import { MemoryStorage } from "#storage/memory/provider.ts";
import type { Patch } from "#storage/provider.ts";

export const samplePassword = "7EXA-MPLE-2345-ABCD-6789-EFGH-JKLM";

export interface SamplePart {
  readonly part: Part;
  readonly entries: readonly SampleEntry[];
}

export type SampleEntry = Partial<Entry> & {
  readonly path: string;
  readonly content?: Uint8Array | string;
};

export interface SampleOptions {
  readonly pool: DeflatePool;
  readonly version?: 2 | 3 | undefined;
  readonly password?: string;
  readonly compressed?: boolean;
  readonly patch?: Patch;
  readonly extra?: Readonly<Record<string, unknown>>;
}

/** An archive that we wrote, with its index. */
export interface SampleArchive {
  readonly bytes: Buffer;
  readonly indexBytes: Buffer;
  readonly keys: PasswordKeys | undefined;
  readonly open: (bytes?: Uint8Array) => Promise<OpenArchive>;
  readonly openIndex: () => Promise<ArchiveIndex>;
}

/** Writes an archive into memory as a backup does. */
export async function makeSample(
  parts: readonly SamplePart[],
  options: SampleOptions,
): Promise<SampleArchive> {
  const { version, password = samplePassword, compressed = true } = options;
  const keys = version === undefined ? undefined : new PasswordKeys(password);
  const place = memoryPlace(options.patch);
  const index = collectingSink();
  const encryption =
    version === undefined || keys === undefined
      ? undefined
      : await createEncryptionContext(version, keys);
  const document = sampleDocument(parts, { compressed, extra: options.extra ?? {} });
  const target: SinkTarget = {
    name: "memory",
    target: await place.writer(),
    encryption,
    index: await createIndex(index.sink, {
      slug: document.slug,
      keys,
      rootSalt: encryption?.rootSalt,
    }),
    openSpool: async () => memorySpool(),
  };
  const sink = new ArchiveSink({
    targets: [target],
    compressed,
    pool: options.pool,
    mtime: 1_780_000_000.25,
  });
  await writeSample(sink, parts);
  const [result] = await sink.finish(async () => ({ ...document, protected: keys !== undefined }));
  if (result?.error !== undefined) throw result.error as Error;
  const bytes = await place.bytes();
  return {
    bytes,
    indexBytes: index.bytes(),
    keys,
    open: (other = bytes) => openArchive(bufferSource(other)),
    openIndex: () => openIndex(bufferSource(index.bytes()), keys?.deriveKey.bind(keys)),
  };
}

/** Writes all parts, in batches of a few events. */
export async function writeSample(sink: ArchiveSink, parts: readonly SamplePart[]): Promise<void> {
  for (const { part, entries } of parts) {
    const partSink = await sink.beginPart(part);
    for (let at = 0; at < entries.length; at += 7)
      await partSink.write(entries.slice(at, at + 7).flatMap(eventsOf));
    await partSink.end();
  }
}

function eventsOf({ content, ...entry }: SampleEntry): PartEvent[] {
  const bytes = Buffer.from(content ?? "");
  const type = entry.type ?? "file";
  const header = {
    type,
    mode: type === "directory" ? 0o755 : 0o644,
    uid: 0,
    gid: 0,
    mtime: 1_755_000_000.125,
    ...entry,
  };
  const events: PartEvent[] = [{ kind: "entry", entry: { ...header, size: bytes.length } }];
  const half = Math.ceil(bytes.length / 2);
  if (bytes.length > 0) events.push({ kind: "data", bytes: bytes.subarray(0, half) });
  if (bytes.length > half) events.push({ kind: "data", bytes: bytes.subarray(half) });
  return events;
}

export function sampleDocument(
  parts: readonly SamplePart[],
  {
    compressed,
    extra,
  }: { readonly compressed: boolean; readonly extra: Readonly<Record<string, unknown>> },
): NewBackupDocument {
  const { slug, date } = identifyBackup("Sample", Date.UTC(2026, 7, 20));
  const has = parts.some(({ part }) => part.kind === "homeassistant");
  return {
    slug,
    date,
    name: "Sample",
    type: "partial",
    compressed,
    protected: false,
    repositories: [],
    homeassistant: has ? { version: "2026.8.0", excludeDatabase: false } : undefined,
    folders: parts.flatMap(({ part }) => (part.kind === "folder" ? [part.name] : [])),
    addons: parts.flatMap(({ part }) =>
      part.kind === "addon"
        ? [{ slug: part.slug, name: part.slug, version: "1.0.0", size: 0 }]
        : [],
    ),
    extra: { safehouse: { version: 1, writer: "test", parts: {} }, ...extra },
  };
}

/** A source over bytes that counts what is read of them. */
export function bufferSource(bytes: Uint8Array): ByteSource & { bytesRead: number } {
  return {
    size: bytes.length,
    bytesRead: 0,
    async read(offset, length) {
      // Not `slice`: a Buffer's shares its memory, and what is read belongs to the reader.
      const piece = Uint8Array.from(bytes.subarray(offset, offset + length));
      this.bytesRead += piece.length;
      return piece;
    },
    close: async () => {},
  };
}

/** One object in memory, at a place that can be patched in a given way. */
export function memoryPlace(patch: Patch = "seek") {
  const storage = new MemoryStorage({ patch });
  const { signal } = new AbortController();
  return {
    storage,
    writer: () => storage.openWrite("backup.tar", {}, signal),
    async bytes(): Promise<Buffer> {
      const source = await storage.open("backup.tar", signal);
      return Buffer.from(await source.read(0, source.size));
    },
  };
}

export function memorySpool(): Spool & { disposed: boolean } {
  const pieces: Uint8Array[] = [];
  return {
    disposed: false,
    write: async (bytes) => void pieces.push(Uint8Array.from(bytes)),
    read: async function* () {
      for (const piece of pieces) yield Uint8Array.from(piece);
    },
    async [Symbol.asyncDispose]() {
      this.disposed = true;
    },
  };
}

export function collectingSink(): {
  readonly sink: IndexSink;
  readonly bytes: () => Buffer;
  readonly state: string[];
} {
  const pieces: Uint8Array[] = [];
  const state: string[] = [];
  const sink: IndexSink = {
    write: async (bytes) => void pieces.push(Uint8Array.from(bytes)),
    commit: async () => void state.push("committed"),
    abort: async () => void state.push("aborted"),
  };
  return { sink, state, bytes: () => Buffer.concat(pieces) };
}
