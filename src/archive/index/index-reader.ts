import { SafehouseError } from "#core/model/problem.ts";
import type { ByteSource } from "#core/ports.ts";
import { contentKeyLength, ContentTag } from "./content-tag.ts";
import { directoryFrame, FrameCipher, largestFrames } from "./frame-cipher.ts";
import { decodeIndexHeader, indexKeyPurpose, type IndexHeader } from "./index-header.ts";
import {
  decodeEntryRecord,
  decodePart,
  pathInRecord,
  type IndexedEntry,
  type IndexedPart,
} from "./index-record.ts";
import type { FrameRecord, IndexDirectory } from "./index-writer.ts";

/** Derives a key from the backup's password; see `PasswordKeys.deriveKey`. */
export type DeriveKey = (salt: Uint8Array, purpose: string) => Promise<Uint8Array>;

/** What has been read of an index when it is opened. */
interface IndexParts {
  readonly header: IndexHeader;
  readonly cipher: FrameCipher;
  readonly directory: IndexDirectory;
}

/** A finished index, read frame by frame. */
export class ArchiveIndex {
  readonly header: IndexHeader;
  readonly fingerprint: string;
  /** True if it was made together with the archive; else it proves only that nothing has changed since. */
  readonly provesContent: boolean;
  readonly #source: ByteSource;
  readonly #cipher: FrameCipher;
  readonly #frames: readonly FrameRecord[];
  /** Key of the files' tags; see `ContentTag`. */
  readonly contentKey: Uint8Array;

  constructor(source: ByteSource, { header, cipher, directory }: IndexParts) {
    this.#source = source;
    this.header = header;
    this.#cipher = cipher;
    this.#frames = directory.frames;
    this.fingerprint = directory.fingerprint;
    this.provesContent = directory.madeBy === "writing";
    this.contentKey = Buffer.from(directory.contentKey, "base64");
  }

  /** Names of the inner archives, in archive order. */
  members(): readonly string[] {
    return this.#frames.filter((frame) => frame.kind === "part").map((frame) => frame.member);
  }

  /** Makes the tags of the files of one inner archive. */
  contentTag(member: string): ContentTag {
    return new ContentTag(this.contentKey, this.members().indexOf(member));
  }

  /** Layout of one inner archive, or undefined if the index does not know it. */
  async part(member: string): Promise<IndexedPart | undefined> {
    const at = this.#frames.findIndex((frame) => frame.kind === "part" && frame.member === member);
    if (at < 0) return undefined;
    const part = decodePart((await this.#frame(at)).toString());
    if (part?.member === member) return part;
    throw new SafehouseError("damaged", `The index says what cannot be about ${member}`);
  }

  /** Entries of one inner archive in archive order, a frame at a time. */
  async *entries(member: string): AsyncGenerator<readonly IndexedEntry[]> {
    for (const at of this.#framesOf(member)) {
      const lines = (await this.#frame(at)).toString().split("\n");
      yield lines.filter((line) => line !== "").map(expectEntry);
    }
  }

  /** The entry of that path, the last one if there are several; undefined if there is none. */
  async find(member: string, path: string): Promise<IndexedEntry | undefined> {
    const needle = Buffer.from(pathInRecord(path));
    let found: IndexedEntry | undefined;
    for (const at of this.#framesOf(member)) {
      const text = await this.#frame(at);
      const start = text.lastIndexOf(needle);
      if (start >= 0) found = expectEntry(text.subarray(start, text.indexOf(10, start)).toString());
    }
    return found;
  }

  /** Reads all of it once. Rejects with `damaged` if any frame is; then it is as good as absent. */
  async check(): Promise<void> {
    for (const at of this.#frames.keys()) await this.#frame(at);
  }

  close(): Promise<void> {
    return this.#source.close();
  }

  #framesOf(member: string): number[] {
    return this.#frames.flatMap((frame, at) =>
      frame.kind === "entries" && frame.member === member ? [at] : [],
    );
  }

  async #frame(at: number): Promise<Buffer> {
    const frame = this.#frames[at];
    if (frame === undefined) throw new RangeError(`The index has no frame ${at}`);
    if (frame.length > largestFrames[frame.kind])
      throw new SafehouseError("damaged", `The index has a frame of ${frame.length} bytes`);
    return this.#cipher.open(at, frame.kind, await this.#source.read(frame.offset, frame.length));
  }
}

/**
 * Opens an index. Rejects with `password-needed` if it is encrypted and `deriveKey` is missing, with
 * `damaged` if it cannot be read: then it is as good as absent and has to be rebuilt.
 */
export async function openIndex(
  source: ByteSource,
  deriveKey: DeriveKey | undefined,
): Promise<ArchiveIndex> {
  const { header, length } = decodeIndexHeader(await source.read(0, 8192));
  const cipher = new FrameCipher(await indexKey(header, deriveKey));
  const trailer = Buffer.from(await source.read(Math.max(0, source.size - 8), 8));
  const start = trailer.length === 8 ? Number(trailer.readBigUInt64BE()) : 0;
  if (start < length || start > source.size - 8)
    throw new SafehouseError("damaged", "The index is cut short");
  if (source.size - 8 - start > largestFrames.directory) throw unreadableDirectory();
  const bytes = await source.read(start, source.size - 8 - start);
  return new ArchiveIndex(source, {
    header,
    cipher,
    directory: openDirectory(cipher, bytes, start),
  });
}

async function indexKey(
  header: IndexHeader,
  deriveKey: DeriveKey | undefined,
): Promise<Uint8Array | undefined> {
  if (header.key === undefined) return undefined;
  if (deriveKey === undefined)
    throw new SafehouseError("password-needed", "The index of this backup is encrypted");
  return deriveKey(Buffer.from(header.key.salt, "base64"), indexKeyPurpose(header.key.id));
}

function openDirectory(cipher: FrameCipher, bytes: Uint8Array, end: number): IndexDirectory {
  const text = cipher.open(directoryFrame, "directory", bytes).toString();
  let directory: unknown;
  try {
    directory = JSON.parse(text);
  } catch (cause) {
    throw unreadableDirectory(cause);
  }
  if (isDirectory(directory, end)) return directory;
  throw unreadableDirectory();
}

/** Frames stand one behind the other in front of the directory, so they can claim no more than there is. */
function isDirectory(value: unknown, end: number): value is IndexDirectory {
  if (typeof value !== "object" || value === null || !("frames" in value && "fingerprint" in value))
    return false;
  const key = "contentKey" in value ? value.contentKey : undefined;
  if (typeof key !== "string" || Buffer.from(key, "base64").length !== contentKeyLength)
    return false;
  return (
    typeof value.fingerprint === "string" &&
    Array.isArray(value.frames) &&
    areFrames(value.frames, end)
  );
}

function areFrames(frames: readonly unknown[], end: number): boolean {
  let before = 0;
  for (const frame of frames) {
    if (!isFrame(frame) || frame.offset < before || frame.offset + frame.length > end) return false;
    before = frame.offset + frame.length;
  }
  return true;
}

function isFrame(value: unknown): value is FrameRecord {
  const { kind, member, offset = -1, length = -1 } = (value ?? {}) as Partial<FrameRecord>;
  const named = (kind === "entries" || kind === "part") && typeof member === "string";
  return named && Number.isSafeInteger(offset) && Number.isSafeInteger(length) && length >= 0;
}

function unreadableDirectory(cause?: unknown): SafehouseError {
  return new SafehouseError("damaged", "The index has no readable directory", { cause });
}

function expectEntry(line: string): IndexedEntry {
  const entry = decodeEntryRecord(line);
  if (entry === undefined)
    throw new SafehouseError("damaged", "The index holds a line that is no entry");
  return entry;
}
