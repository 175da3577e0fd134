import { createReadStream, createWriteStream } from "node:fs";
import { mkdir, readdir, rename, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { setTimeout as pause } from "node:timers/promises";
import { entryOf, Failure, sayMultistatus, type Exchange } from "./nextcloud-answers.ts";
import { isThere, type NextcloudDisk } from "./nextcloud-disk.ts";
import { hrefOf, namesAt, type Appearance } from "./nextcloud-files.ts";

const dayMs = 24 * 3_600_000;

export interface UploadRules {
  /** How long chunks are being put together. */
  readonly assemblyMs: number;
  /** Drops no uploads, however old. */
  readonly isForgetful: boolean;
}

interface Upload {
  readonly name: string;
  readonly path: string;
  /** Milliseconds since 1970, by the server's clock. */
  touchedAt: number;
  isBusy: boolean;
}

/** `remote.php/dav/uploads/<user id>/`: chunked upload, version 2. */
export class NextcloudUploads {
  readonly #disk: NextcloudDisk;
  readonly #uploads = new Map<string, Upload>();

  constructor(disk: NextcloudDisk) {
    this.#disk = disk;
  }

  /** As if nobody had touched them for that long. */
  age(milliseconds: number): void {
    for (const upload of this.#uploads.values()) upload.touchedAt -= milliseconds;
  }

  async answer(
    exchange: Exchange,
    names: readonly string[],
    looks: Appearance & UploadRules,
  ): Promise<void> {
    const [name, chunk] = names;
    const { method } = exchange.request;
    const now = Date.now() + looks.aheadMs;
    if (!looks.isForgetful) this.#expire(now);
    if (name === undefined && method === "PROPFIND") return this.#list(exchange, "", looks);
    if (name === undefined || names.length > 2) throw new Failure(405, "Not allowed");
    if (method === "MKCOL" && chunk === undefined) return this.#begin(exchange, name, now);
    const upload = this.#touch(name, now);
    if (chunk !== undefined) return this.#answerChunk(exchange, { upload, chunk }, looks);
    if (method === "PROPFIND") return this.#list(exchange, name, looks);
    if (method === "DELETE") return this.#drop(exchange, upload);
    throw new Failure(405, "Not allowed");
  }

  async #answerChunk(
    exchange: Exchange,
    { upload, chunk }: { readonly upload: Upload; readonly chunk: string },
    { assemblyMs }: UploadRules,
  ): Promise<void> {
    const { method } = exchange.request;
    if (method === "PUT") return this.#add(exchange, join(upload.path, chunk));
    if (method === "MOVE" && chunk === ".file") return this.#assemble(exchange, upload, assemblyMs);
    throw new Failure(405, "Reading intermediate uploads is not allowed");
  }

  #touch(name: string, now: number): Upload {
    const upload = this.#uploads.get(name);
    if (upload === undefined) throw new Failure(404, `File with name ${name} could not be located`);
    if (upload.isBusy) throw new Failure(423, `"${name}" is locked`);
    upload.touchedAt = now;
    return upload;
  }

  #expire(now: number): void {
    for (const [name, { touchedAt }] of this.#uploads) {
      if (now - touchedAt > dayMs) this.#uploads.delete(name);
    }
  }

  async #begin({ request, response }: Exchange, name: string, now: number): Promise<void> {
    this.#disk.namedDestination(request.headers.destination?.toString());
    const path = join(this.#disk.uploads, name);
    if (await isThere(path)) throw new Failure(405, "The resource already exists");
    await mkdir(path);
    this.#uploads.set(name, { name, path, touchedAt: now, isBusy: false });
    response.writeHead(201).end();
  }

  async #add(exchange: Exchange, path: string): Promise<void> {
    const { headers } = exchange.request;
    this.#disk.namedDestination(headers.destination?.toString());
    const number = Number(/\/(\d+)$/.exec(path)?.[1]);
    if (!(number >= 1 && number <= 10_000)) {
      throw new Failure(400, "Invalid chunk name, must be numeric between 1 and 10000");
    }
    this.#disk.checkQuota(Number(headers["oc-total-length"] ?? 0));
    const isNew = !(await isThere(path));
    await this.#disk.store(exchange, path);
    exchange.response.writeHead(isNew ? 201 : 204).end();
  }

  async #drop({ response }: Exchange, { name, path }: Upload): Promise<void> {
    this.#uploads.delete(name);
    await rm(path, { recursive: true });
    response.writeHead(204).end();
  }

  async #assemble(exchange: Exchange, upload: Upload, assemblyMs: number): Promise<void> {
    const { request, response } = exchange;
    const target = await this.#disk.destination(request);
    // What is still coming in is in no file cache, and so no chunk.
    const names = (await readdir(upload.path))
      .filter((name) => !name.endsWith(".part"))
      .toSorted((a, b) => Number(a) - Number(b));
    const paths = names.map((name) => join(upload.path, name));
    const size = await checkSizes(paths, request.headers["oc-total-length"]?.toString());
    this.#disk.checkQuota(size);
    upload.isBusy = true;
    await pause(assemblyMs);
    const part = `${target.path}.part`;
    for (const path of paths) {
      await pipeline(createReadStream(path), createWriteStream(part, { flags: "a" }));
    }
    await rename(part, target.path);
    this.#disk.noteWritten(target.relative, size, request);
    this.#uploads.delete(upload.name);
    await rm(upload.path, { recursive: true });
    if (!response.headersSent) response.writeHead(target.isThere ? 204 : 201).end();
  }

  async #list(exchange: Exchange, name: string, looks: Appearance): Promise<void> {
    const folder = join(this.#disk.uploads, name);
    const names = await namesAt(exchange, folder);
    const entries = names.map(async (inside) => {
      const stats = await stat(join(folder, inside));
      const upload = this.#uploads.get(name === "" ? inside : name);
      const time = new Date(upload?.touchedAt ?? stats.mtimeMs).toUTCString();
      const isFolder = stats.isDirectory();
      return entryOf(hrefOf(`${name}/${inside}`, isFolder, looks), [
        ["d:resourcetype", isFolder ? "<d:collection/>" : ""],
        ["d:getlastmodified", time],
        ...(isFolder ? [] : [["d:getcontentlength", String(stats.size)] as const]),
      ]);
    });
    // The file that is to be, which can only be moved.
    const size = [["d:getcontentlength", "0"]] as const;
    const future = name === "" ? "" : entryOf(hrefOf(`${name}/.file`, false, looks), size);
    const all = (await Promise.all(entries)).join("") + future;
    sayMultistatus(exchange.response, all, looks.isOdd);
  }
}

/** Size of all chunks together. */
async function checkSizes(
  paths: readonly string[],
  announced: string | undefined,
): Promise<number> {
  const sizes = await Promise.all(paths.map(async (path) => (await stat(path)).size));
  const size = sizes.reduce((sum, each) => sum + each, 0);
  if (announced !== undefined && announced !== String(size)) {
    throw new Failure(400, `Chunks on server do not sum up to ${announced} but to ${size} bytes`);
  }
  // What the object stores behind it say.
  if (sizes.slice(0, -1).some((each) => each < 5_000_000 || each > 5_000_000_000)) {
    throw new Failure(400, "Your proposed upload is smaller than the minimum allowed size");
  }
  return size;
}
