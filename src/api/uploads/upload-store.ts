import { createWriteStream } from "node:fs";
import { open, readFile, readdir, rename, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { DataStore, Upload } from "@tus/server";
import {
  is,
  minValue,
  nullable,
  number,
  object,
  optional,
  pipe,
  record,
  safeInteger,
  string,
} from "valibot";
import type { Uploaded } from "#jobs/backup/upload-backup.ts";
import { parseUploadId } from "./upload-id.ts";
import { systemCodeOf } from "./system-code.ts";
import { noUpload } from "./upload-failure.ts";

/** How long an upload may be continued after its last byte; then its place removes it. */
const continuedForMs = 7 * 24 * 3_600_000;

/** What is known of an upload besides its bytes. */
interface UploadNote {
  readonly size: number;
  readonly metadata: Readonly<Record<string, string | null>>;
  /** The backup that it has become. */
  readonly backup?: Uploaded;
}

/** How far an upload is. */
export interface UploadState extends UploadNote {
  /** Bytes that are there. */
  readonly offset: number;
  /** True if it has become a backup, also where `backup` could not be noted any more. */
  readonly received: boolean;
}

/**
 * Unfinished uploads as files of a folder that is there: the bytes under the id, and a note beside them. Everything
 * that has to survive the program is on the disk, and a file that lacks its last bytes is merely continued earlier.
 */
export class UploadStore extends DataStore {
  override readonly extensions = ["creation", "creation-with-upload", "termination", "expiration"];
  readonly #folder: string;

  constructor(folder: string) {
    super();
    this.#folder = folder;
  }

  override async create(upload: Upload): Promise<Upload> {
    const path = this.#pathOf(upload.id);
    await this.#note(upload.id, { size: upload.size ?? 0, metadata: upload.metadata ?? {} });
    await (await open(path, "wx", 0o600)).close();
    upload.storage = { type: "file", path };
    return upload;
  }

  override async write(body: Readable, id: string, offset: number): Promise<number> {
    const file = createWriteStream(this.#pathOf(id), { flags: "r+", start: offset });
    try {
      await pipeline(body, file);
    } catch (error) {
      // It has become a backup, or was given up, since it was asked for.
      if (systemCodeOf(error) !== "ENOENT") throw error;
      const state = await this.state(id);
      if (state?.offset !== offset) throw noUpload(id);
    }
    return offset + file.bytesWritten;
  }

  /** What the protocol wants to know; one that has become a backup has all of its bytes. */
  override async getUpload(id: string): Promise<Upload> {
    const state = await this.state(id);
    if (state === undefined) throw noUpload(id);
    const { size, offset, metadata, writtenAt } = state;
    // The protocol counts from here until it expires.
    const creation_date = new Date(writtenAt).toISOString();
    return new Upload({ id, size, offset, metadata: { ...metadata }, creation_date });
  }

  override async remove(id: string): Promise<void> {
    if ((await this.state(id)) === undefined) throw noUpload(id);
    // A note without bytes would say that it has become a backup.
    await rm(this.#notePathOf(id), { force: true });
    await rm(this.#pathOf(id), { force: true });
  }

  override getExpiration(): number {
    return continuedForMs;
  }

  /** How far an upload is; undefined if there is none of that id. */
  async state(id: string): Promise<(UploadState & { readonly writtenAt: number }) | undefined> {
    const note = await this.#readNote(id);
    if (note === undefined) return undefined;
    const file = await ifThere(() => stat(this.#pathOf(id)));
    if (file !== undefined)
      return { ...note, offset: file.size, received: false, writtenAt: file.mtimeMs };
    const { mtimeMs } = await stat(this.#notePathOf(id));
    return { ...note, offset: note.size, received: true, writtenAt: mtimeMs };
  }

  /** Notes what an upload has become; its bytes are no longer here. */
  async received(id: string, backup: Uploaded): Promise<void> {
    const note = await this.#readNote(id);
    if (note !== undefined) await this.#note(id, { ...note, backup });
  }

  /** Bytes that are still to come for all that is unfinished here. */
  async expectedBytes(): Promise<number> {
    let bytes = 0;
    for (const name of await readdir(this.#folder)) {
      const state = parseUploadId(name) === undefined ? undefined : await this.state(name);
      if (state !== undefined) bytes += state.size - state.offset;
    }
    return bytes;
  }

  async #note(id: string, note: UploadNote): Promise<void> {
    const path = this.#notePathOf(id);
    await writeFile(`${path}.new`, JSON.stringify(note), { mode: 0o600 });
    await rename(`${path}.new`, path);
  }

  async #readNote(id: string): Promise<UploadNote | undefined> {
    const text = await ifThere(() => readFile(this.#notePathOf(id), "utf8"));
    return text === undefined ? undefined : parseNote(text);
  }

  #notePathOf(id: string): string {
    return `${this.#pathOf(id)}.json`;
  }

  #pathOf(id: string): string {
    if (parseUploadId(id) === undefined) throw noUpload(id);
    return join(this.#folder, id);
  }
}

async function ifThere<Result>(look: () => Promise<Result>): Promise<Result | undefined> {
  try {
    return await look();
  } catch (error) {
    if (systemCodeOf(error) === "ENOENT") return undefined;
    throw error;
  }
}

/** Undefined for what is no note: others may write at a location too, and one bad file must not stop every upload. */
function parseNote(text: string): UploadNote | undefined {
  try {
    const note: unknown = JSON.parse(text);
    return is(noteSchema, note) ? (note as UploadNote) : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

const count = pipe(number(), safeInteger(), minValue(0));

const noteSchema = object({
  size: count,
  metadata: record(string(), nullable(string())),
  backup: optional(object({ slug: string(), name: string(), file: string(), size: count })),
});
