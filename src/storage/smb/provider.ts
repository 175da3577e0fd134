import type { ByteSource } from "#core/ports.ts";
import { StorageError } from "../errors.ts";
import { checkPrefix } from "../key.ts";
import type {
  ByteRange,
  Content,
  FreeSpace,
  Leftover,
  ObjectWriter,
  StorageFeatures,
  StorageProvider,
  StoredObject,
  WriteOptions,
} from "../provider.ts";
import { writeContent } from "../write-content.ts";
import { removeLeftoversIn } from "./leftovers.ts";
import { listObjects } from "./listing.ts";
import { fileSource, openForReading, piecesOf } from "./object-source.ts";
import { SmbWriter } from "./object-writer.ts";
import { isNotThere, SmbPlace } from "./place.ts";
import { access, disposition, sharing, SmbFile } from "./protocol/file.ts";
import type { SmbTree } from "./protocol/tree.ts";
import { volumeSpace } from "./protocol/volume.ts";
import type { Publication } from "./publish.ts";
import { uploadResumably } from "./resumable-upload.ts";
import type { SmbSettings } from "./settings.ts";
import { temporaryName } from "./temporary-name.ts";

/**
 * A folder of a network share, over SMB2 or SMB3. The folder itself is only made at set-up: where it is missing later,
 * the place is `unreachable`. Links on the server are not followed by us; whether the server follows them is its own matter.
 */
export class SmbStorage implements StorageProvider {
  readonly kind = "smb";
  readonly features: StorageFeatures = {
    patch: "seek",
    exclusiveCreate: true,
    freeSpace: true,
    flaky: true,
    longestName: 255,
    resumable: true,
  };
  readonly #place: SmbPlace;

  constructor(settings: SmbSettings) {
    this.#place = new SmbPlace(settings);
  }

  async write(key: string, content: Content, signal: AbortSignal): Promise<StoredObject> {
    const { resume, size } = content;
    if (resume === undefined || size === undefined)
      return writeContent(await this.openWrite(key, content, signal), content, signal);
    return this.#forWriting({ key, options: content }, signal, (publication) =>
      uploadResumably(this.#place, { content: { ...content, resume, size }, publication }, signal),
    );
  }

  openWrite(key: string, options: WriteOptions, signal: AbortSignal): Promise<ObjectWriter> {
    return this.#forWriting({ key, options }, signal, async (publication) => {
      const { tree, folder } = publication;
      const name = temporaryName("smb");
      const file = await this.#place.createFile(tree, { folder, name }, signal);
      return SmbWriter.begin(file, publication, signal);
    });
  }

  read(
    key: string,
    range: ByteRange | undefined,
    signal: AbortSignal,
  ): Promise<AsyncIterable<Uint8Array>> {
    const { path } = this.#place.pathOf(key);
    const wanted = range ?? { offset: 0 };
    return this.#place.at(key, signal, async (tree) => {
      const file = await openForReading(tree, path, signal);
      try {
        const { connection, facts } = file;
        const most = connection.pieceBytes(connection.agreement?.maxRead ?? 65_536);
        const length = Math.min(wanted.length ?? Infinity, facts.size - wanted.offset);
        // One that is never begun to be read must not stay open: what is small is read now, the rest is opened again.
        if (length > most) return this.#chunks(key, wanted, signal);
        return immediate(await Array.fromAsync(piecesOf(file, wanted, signal)));
      } finally {
        await file.close(signal);
      }
    });
  }

  open(key: string, signal: AbortSignal): Promise<ByteSource> {
    const { path } = this.#place.pathOf(key);
    return this.#place.at(key, signal, async (tree) => {
      const file = await openForReading(tree, path, signal);
      return fileSource(file, (work) => this.#place.translating(key, work), signal);
    });
  }

  async stat(key: string, signal: AbortSignal): Promise<StoredObject> {
    return this.#place.stat(key, signal);
  }

  async *list(prefix: string, signal: AbortSignal): AsyncIterable<readonly StoredObject[]> {
    checkPrefix(prefix);
    const names = prefix.split("/");
    const namePrefix = names.pop() ?? "";
    yield* listObjects(this.#place, { names, namePrefix }, signal);
  }

  async remove(key: string, signal: AbortSignal): Promise<void> {
    const { path } = this.#place.pathOf(key);
    await this.#place.at(key, signal, async (tree) => {
      try {
        const request = {
          path,
          access: access.delete,
          sharing: sharing.all,
          kind: "file",
        } as const;
        const file = await SmbFile.open(
          tree,
          { ...request, disposition: disposition.open, removes: true },
          signal,
        );
        await file.close(signal);
      } catch (error) {
        if (!isNotThere(error)) throw error;
        await this.#place.checkThere(tree, signal);
      }
      await this.#place.removeEmptyFolders(tree, key, signal);
    });
  }

  freeSpace(signal: AbortSignal): Promise<FreeSpace | undefined> {
    return this.#place.at(undefined, signal, (tree) => this.#space(tree, signal));
  }

  async removeLeftovers(signal: AbortSignal): Promise<readonly Leftover[]> {
    return [
      ...(await removeLeftoversIn(this.#place, [], signal)),
      ...(await removeLeftoversIn(this.#place, [".safehouse"], signal)),
    ];
  }

  async *#chunks(
    key: string,
    range: ByteRange,
    signal: AbortSignal,
  ): AsyncGenerator<Uint8Array, void, undefined> {
    const { path } = this.#place.pathOf(key);
    const file = await this.#place.at(key, signal, (tree) => openForReading(tree, path, signal));
    try {
      const pieces = piecesOf(file, range, signal);
      for (;;) {
        const piece = await this.#place.translating(key, () => pieces.next());
        if (piece.done === true) return;
        yield piece.value;
      }
    } finally {
      // Reading has told of what went wrong, and the server closes it at the latest with the connection.
      await file.close(signal).catch(() => undefined);
    }
  }

  async #forWriting<Result>(
    { key, options }: { readonly key: string; readonly options: WriteOptions },
    signal: AbortSignal,
    work: (publication: Publication) => Promise<Result>,
  ): Promise<Result> {
    const place = this.#place;
    const paths = place.pathOf(key);
    return place.at(key, signal, async (tree) => {
      const overwrite = options.overwrite === true;
      if (!overwrite && (await place.has(tree, paths.path, signal)))
        throw new StorageError("already-exists", `There is a ${key} already`, { key });
      await this.#checkSpace(tree, { key, bytes: options.size ?? 0 }, signal);
      const publication: Publication = {
        ...paths,
        tree,
        key,
        overwrite,
        stat: () => place.stat(key, signal),
        translating: (failing) =>
          place.translating(key, () => this.#tellingSpace(tree, key, failing)),
      };
      return this.#tellingSpace(tree, key, () => work(publication));
    });
  }

  /** A disk that turns out to be full is told with what is left of it. */
  async #tellingSpace<Result>(
    tree: SmbTree,
    key: string,
    work: () => Promise<Result>,
  ): Promise<Result> {
    try {
      return await work();
    } catch (cause) {
      const error = this.#place.storageError(cause, key);
      if (!(error instanceof StorageError && error.problem === "full" && !error.facts)) throw cause;
      // What is left is only an addition to what went wrong.
      const space = await this.#space(tree, AbortSignal.timeout(spaceInMs)).catch(() => undefined);
      if (space === undefined) throw cause;
      const { freeBytes } = space;
      const message = `${error.message}: ${freeBytes} bytes are free`;
      throw new StorageError("full", message, { key, cause, facts: { freeBytes } });
    }
  }

  async #checkSpace(
    tree: SmbTree,
    { key, bytes }: { readonly key: string; readonly bytes: number },
    signal: AbortSignal,
  ): Promise<void> {
    if (bytes < worthAskingBytes) return;
    const { freeBytes = Infinity } = (await this.#space(tree, signal)) ?? {};
    if (freeBytes >= bytes) return;
    const message = `${key} needs ${bytes} bytes of free space, but only ${freeBytes} are free`;
    throw new StorageError("full", message, { key, facts: { neededBytes: bytes, freeBytes } });
  }

  async #space(tree: SmbTree, signal: AbortSignal): Promise<FreeSpace | undefined> {
    const root = await SmbFile.open(
      tree,
      {
        path: this.#place.root,
        access: access.attributes,
        sharing: sharing.all,
        disposition: disposition.open,
        kind: "folder",
      },
      signal,
    );
    try {
      return await volumeSpace(root, signal);
    } finally {
      await root.close(signal);
    }
  }
}

const spaceInMs = 5000;
/** Notes are written without asking. */
const worthAskingBytes = 1024 * 1024;

async function* immediate(
  pieces: readonly Uint8Array[],
): AsyncGenerator<Uint8Array, void, undefined> {
  yield* pieces;
}
