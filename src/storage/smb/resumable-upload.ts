import { StorageError } from "../errors.ts";
import { interruptible } from "../interruptible.ts";
import type { Content, Resume, StoredObject } from "../provider.ts";
import { discard } from "./object-writer.ts";
import { PieceWriter } from "./piece-writer.ts";
import { joined, type SmbPlace } from "./place.ts";
import { access, disposition, sharing, SmbFile } from "./protocol/file.ts";
import { setSize } from "./protocol/file-changes.ts";
import { isStatus } from "./protocol/smb-error.ts";
import type { SmbTree } from "./protocol/tree.ts";
import { publish, type Publication } from "./publish.ts";
import { kindOfTemporaryName, temporaryName } from "./temporary-name.ts";

export interface ResumableContent extends Content {
  readonly size: number;
  readonly resume: Resume;
}

/** An unfinished file, and how many of its bytes are on stable storage. */
interface Part {
  readonly file: SmbFile;
  readonly name: string;
  readonly safeBytes: number;
}

/** What is kept for the next attempt. */
interface KeptState {
  readonly name: string;
  readonly key: string;
  readonly size: number;
  readonly safeBytes: number;
}

/** Of what is cut, half of it is sent again. */
const keepEveryBytes = 16 * 1024 * 1024;
const keepEveryMs = 15_000;
const savingInMs = 3000;

/**
 * Uploads under a name that stays when it fails. Only bytes that the server has brought to stable storage count: it is
 * asked for that every 16 MiB or 15 s, and once more when the upload fails.
 */
export async function uploadResumably(
  place: SmbPlace,
  order: { readonly content: ResumableContent; readonly publication: Publication },
  signal: AbortSignal,
): Promise<StoredObject> {
  const { content, publication } = order;
  const part = await beginOrGoOn(place, order, signal);
  const upload = new PartUpload(part, order, signal);
  try {
    let size = part.safeBytes;
    for await (const chunk of interruptible(content.open(part.safeBytes), signal)) {
      size += chunk.length;
      if (size > content.size) break;
      await upload.write(chunk);
    }
    if (size !== content.size) throw new WrongSize(size, content.size);
    await upload.finish();
    return await publish(part.file, publication, signal);
  } catch (error) {
    // Nobody can go on with bytes that are not those that were meant, or where something else lies.
    const isOver = error instanceof WrongSize || isStatus(error, "OBJECT_NAME_COLLISION");
    await (isOver ? discard(part.file) : upload.leave());
    throw error;
  }
}

class WrongSize extends StorageError {
  constructor(actualBytes: number, expectedBytes: number) {
    super("damaged", `The body has ${actualBytes} bytes, not ${expectedBytes}`, {
      facts: { expectedBytes, actualBytes },
    });
  }
}

class PartUpload {
  readonly #part: Part;
  readonly #content: ResumableContent;
  readonly #key: string;
  readonly #pieces: PieceWriter;
  readonly #signal: AbortSignal;
  #safeBytes: number;
  #savedAt = performance.now();
  #saving: Promise<void> | undefined;

  constructor(
    part: Part,
    order: { readonly content: ResumableContent; readonly publication: Publication },
    signal: AbortSignal,
  ) {
    this.#part = part;
    this.#content = order.content;
    this.#key = order.publication.key;
    this.#pieces = new PieceWriter(part.file, part.safeBytes, signal);
    this.#signal = signal;
    this.#safeBytes = part.safeBytes;
  }

  async write(chunk: Uint8Array): Promise<void> {
    await this.#pieces.write(chunk);
    const due =
      this.#pieces.confirmed - this.#safeBytes >= keepEveryBytes ||
      performance.now() - this.#savedAt >= keepEveryMs;
    if (!due || this.#saving !== undefined) return;
    this.#saving = this.#save(this.#signal).finally(() => (this.#saving = undefined));
    // A server that cannot do it now says so again at the end.
    this.#saving.catch(() => undefined);
  }

  async finish(): Promise<void> {
    await this.#pieces.drain();
    await this.#saving?.catch(() => undefined);
    await this.#part.file.flush(this.#signal);
  }

  /** Keeps what can still be kept, for a few seconds, and closes. */
  async leave(): Promise<void> {
    const limit = AbortSignal.timeout(savingInMs);
    const { file } = this.#part;
    try {
      await this.#saving?.catch(() => undefined);
      if (!file.connection.lost) await this.#save(limit);
      if (!file.connection.lost) await file.close(limit);
    } catch {
      // Why the upload has failed is told by the upload. What was kept before still holds; the server closes the file.
      file.connection.end();
    }
  }

  async #save(signal: AbortSignal): Promise<void> {
    const safeBytes = this.#pieces.confirmed;
    this.#savedAt = performance.now();
    await this.#part.file.flush(signal);
    this.#safeBytes = safeBytes;
    const { name } = this.#part;
    const { size, resume } = this.#content;
    const state: KeptState = { name, key: this.#key, size, safeBytes };
    await resume.keep(JSON.stringify(state));
  }
}

async function beginOrGoOn(
  place: SmbPlace,
  order: { readonly content: ResumableContent; readonly publication: Publication },
  signal: AbortSignal,
): Promise<Part> {
  const { content, publication } = order;
  const { tree, folder, key } = publication;
  const kept = readState(content.resume.state);
  if (kept?.key === key && kept.size === content.size) {
    const part = await goOn(tree, { folder, kept }, signal);
    if (part !== undefined) return part;
  }
  const name = temporaryName("part");
  const file = await place.createFile(tree, { folder, name }, signal);
  return { file, name, safeBytes: 0 };
}

/** Undefined if what was kept is not there any more. */
async function goOn(
  tree: SmbTree,
  { folder, kept }: { readonly folder: string; readonly kept: KeptState },
  signal: AbortSignal,
): Promise<Part | undefined> {
  try {
    const file = await SmbFile.open(
      tree,
      {
        path: joined(folder, kept.name),
        access: access.write | access.delete | access.attributes,
        sharing: sharing.none,
        disposition: disposition.open,
        kind: "file",
      },
      signal,
    );
    if (file.facts.size < kept.safeBytes) {
      await discard(file);
      return undefined;
    }
    // What lies behind was not confirmed and may have holes.
    await setSize(file, kept.safeBytes, signal);
    return { file, name: kept.name, safeBytes: kept.safeBytes };
  } catch (error) {
    if (isStatus(error, "OBJECT_NAME_NOT_FOUND", "OBJECT_PATH_NOT_FOUND", "DELETE_PENDING"))
      return undefined;
    throw error;
  }
}

function readState(state: string | undefined): KeptState | undefined {
  if (state === undefined) return undefined;
  try {
    const { name, key, size, safeBytes } = JSON.parse(state) as Partial<KeptState>;
    const isPart = typeof name === "string" && kindOfTemporaryName(name) === "part";
    if (!isPart || typeof key !== "string" || typeof size !== "number") return undefined;
    if (typeof safeBytes !== "number" || !Number.isSafeInteger(safeBytes)) return undefined;
    return safeBytes >= 0 && safeBytes <= size ? { name, key, size, safeBytes } : undefined;
  } catch {
    // Of another version, or nothing of ours: it begins anew.
    return undefined;
  }
}
