import { createInflateRaw } from "node:zlib";
import { SafehouseError } from "#core/model/problem.ts";
import { inflateChunk } from "#format/gzip/inflate-chunk.ts";
import type { PasswordKeys } from "#format/securetar/password-keys.ts";
import type { IndexedEntry, IndexedPart } from "../index/index-record.ts";
import type { ContentTag } from "../index/content-tag.ts";
import type { ArchiveIndex } from "../index/index-reader.ts";
import { chunkSize, trailerLength } from "./inflate-chunks.ts";
import type { OpenArchive } from "./open-archive.ts";
import { openPlainRange, type ReadPlain } from "./plain-range.ts";

/** True if a file of this part can be read without reading what stands before it. */
export function canEnter(part: IndexedPart): boolean {
  return (part.compression === "none" || part.chunks.length > 0) && part.encryption !== "v1";
}

/** Reads single files of one inner archive by way of the index: only the chunks that hold them. */
export class IndexedFileReader {
  readonly #part: IndexedPart;
  readonly #readPlain: ReadPlain;
  readonly #tag: ContentTag;
  /** The chunk that was read last: files lie side by side, so the next one often begins in it. */
  #chunk: { readonly number: number; readonly content: Promise<Piece> } | undefined;

  constructor(part: IndexedPart, readPlain: ReadPlain, tag: ContentTag) {
    this.#part = part;
    this.#readPlain = readPlain;
    this.#tag = tag;
  }

  /** Rejects with `wrong-password` or `password-needed`. */
  static async open(
    archive: OpenArchive,
    part: IndexedPart,
    { index, keys }: { readonly index: ArchiveIndex; readonly keys: PasswordKeys | undefined },
  ): Promise<IndexedFileReader> {
    const readPlain = await openPlainRange(archive.source, part, keys);
    return new IndexedFileReader(part, readPlain, index.contentTag(part.member));
  }

  /** The content; rejects with `damaged` after the last byte if it does not match its tag. */
  async *read(file: IndexedEntry): AsyncGenerator<Uint8Array> {
    const { size, path } = file.entry;
    this.#tag.begin(file.contentOffset);
    for (let done = 0; done < size;) {
      const { bytes, damage } = await this.#tar(file.contentOffset + done);
      const piece = bytes.subarray(0, size - done);
      if (piece.length === 0)
        throw damage ?? new SafehouseError("truncated", `${this.#part.member} ends inside ${path}`);
      this.#tag.update(piece);
      done += piece.length;
      yield piece;
    }
    if (this.#tag.end() !== file.tag) {
      throw new SafehouseError(
        "damaged",
        `${this.#part.member}: ${path} does not match its checksum`,
      );
    }
  }

  /** Bytes of the tar stream from `offset` to the end of the chunk that it lies in. */
  async #tar(offset: number): Promise<Piece> {
    const number = Math.floor(offset / chunkSize);
    if (this.#chunk?.number !== number) this.#chunk = { number, content: this.#read(number) };
    const { bytes, damage } = await this.#chunk.content;
    return { bytes: bytes.subarray(offset - number * chunkSize), damage };
  }

  async #read(number: number): Promise<Piece> {
    const { compression, plainSize, chunks, member } = this.#part;
    if (compression === "none") {
      const offset = number * chunkSize;
      return {
        bytes: await this.#readPlain(offset, Math.max(0, Math.min(chunkSize, plainSize - offset))),
      };
    }
    const start = chunks[number];
    if (start === undefined)
      throw new SafehouseError("damaged", `The index of ${member} ends too early`);
    const end = chunks[number + 1] ?? plainSize - trailerLength;
    return inflatePiece(await this.#readPlain(start, end - start));
  }
}

/** Content of a chunk up to its end, or up to the damage in it. */
interface Piece {
  readonly bytes: Uint8Array;
  readonly damage?: SafehouseError | undefined;
}

/** Files that stand before the damage in a chunk are not lost with it. */
async function inflatePiece(compressed: Uint8Array): Promise<Piece> {
  try {
    return { bytes: await inflateChunk(compressed, chunkSize) };
  } catch (error) {
    if (!(error instanceof SafehouseError)) throw error;
    return { bytes: await inflateUntilDamage(compressed), damage: error };
  }
}

async function inflateUntilDamage(compressed: Uint8Array): Promise<Uint8Array> {
  const pieces: Buffer[] = [];
  const inflate = createInflateRaw({ chunkSize: smallPiece });
  inflate.on("data", (bytes: Buffer) => pieces.push(bytes));
  const ended = new Promise<void>((resolve) =>
    inflate.once("error", () => resolve()).once("end", () => resolve()),
  );
  inflate.end(compressed);
  await ended;
  inflate.destroy();
  return Buffer.concat(pieces).subarray(0, chunkSize);
}

/** What comes out together with the damage is lost, so it should not be much. */
const smallPiece = 512;
