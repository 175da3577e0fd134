import { createHash } from "node:crypto";
import { createReadStream, type Stats } from "node:fs";
import { mkdir, readdir, rename, rm, stat } from "node:fs/promises";
import type { ServerResponse } from "node:http";
import { dirname, join } from "node:path";
import { pipeline } from "node:stream/promises";
import { entryOf, Failure, sayMultistatus, type Exchange } from "./nextcloud-answers.ts";
import { isThere, type Located, type NextcloudDisk } from "./nextcloud-disk.ts";

/** How answers look. */
export interface Appearance {
  /** What addresses begin with. */
  readonly prefix: string;
  readonly isOdd: boolean;
  /** How far the clock is ahead. */
  readonly aheadMs: number;
}

type Verb = (exchange: Exchange, at: Located) => Promise<void>;

/** `remote.php/dav/files/<user id>/`. */
export class NextcloudFiles {
  readonly #disk: NextcloudDisk;
  readonly #verbs: Readonly<Record<string, Verb>>;

  constructor(disk: NextcloudDisk) {
    this.#disk = disk;
    this.#verbs = {
      GET: (exchange, at) => this.#get(exchange, at),
      HEAD: (exchange, at) => this.#get(exchange, at),
      PUT: (exchange, at) => this.#put(exchange, at),
      MKCOL: (exchange, at) => makeFolder(exchange, at),
      DELETE: (exchange, at) => this.#delete(exchange, at),
      MOVE: (exchange, at) => this.#move(exchange, at),
      PATCH: (exchange, at) => this.#hash(exchange, at),
    };
  }

  async answer(exchange: Exchange, names: readonly string[], looks: Appearance): Promise<void> {
    const at = this.#disk.locate(names);
    const { method = "" } = exchange.request;
    if (method === "PROPFIND") return this.#properties(exchange, at, looks);
    const verb = this.#verbs[method];
    if (verb === undefined) throw new Failure(405, `No ${method} here`);
    return verb(exchange, at);
  }

  async #get({ request, response }: Exchange, { path, relative }: Located): Promise<void> {
    const { size, isFolder } = await sizeOf(path);
    if (isFolder) throw new Failure(501, "GET is only implemented for File objects");
    const [, from, to] = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? "") ?? [];
    const start = Number(from ?? 0);
    if (from !== undefined && start >= size) throw new Failure(416, "Range not satisfiable");
    const end = Math.min(Number(to || size - 1), size - 1);
    response.writeHead(from === undefined ? 200 : 206, {
      "content-length": String(end - start + 1),
      etag: `"${this.#disk.facts(relative).etag}"`,
      ...(from === undefined ? {} : { "content-range": `bytes ${start}-${end}/${size}` }),
    });
    if (request.method === "HEAD" || size === 0) return void response.end();
    await pipeline(createReadStream(path, { start, end }), response as ServerResponse);
  }

  async #put(exchange: Exchange, { path, relative }: Located): Promise<void> {
    const { request, response } = exchange;
    const isNew = !(await isThere(path));
    if (!isNew && request.headers["if-none-match"] === "*") throw new Failure(412, "It exists");
    if (!(await isThere(dirname(path)))) {
      throw new Failure(409, "Files cannot be created in non-existent collections");
    }
    this.#disk.checkQuota(Number(request.headers["content-length"] ?? 0));
    await this.#disk.store(exchange, path);
    this.#disk.noteWritten(relative, (await stat(path)).size, request);
    response.writeHead(isNew ? 201 : 204).end();
  }

  async #delete({ response }: Exchange, { path, relative }: Located): Promise<void> {
    await stat(path);
    await rm(path, { recursive: true });
    this.#disk.noteRemoved(relative);
    response.writeHead(204).end();
  }

  async #move({ request, response }: Exchange, { path, relative }: Located): Promise<void> {
    await stat(path);
    const target = await this.#disk.destination(request);
    // Unlike with chunks, there is a moment without either.
    await rm(target.path, { recursive: true, force: true });
    await rename(path, target.path);
    this.#disk.noteMoved(relative, target.relative);
    response.writeHead(target.isThere ? 204 : 201).end();
  }

  async #hash({ request, response }: Exchange, { path, relative }: Located): Promise<void> {
    const type = String(request.headers["x-recalculate-hash"] ?? "").toLowerCase();
    if (!["md5", "sha1", "sha256"].includes(type)) throw new Failure(501, "Not implemented");
    const hash = createHash(type);
    await pipeline(createReadStream(path), hash);
    const checksum = `${type.toUpperCase()}:${hash.digest("hex")}`;
    this.#disk.facts(relative).checksum = checksum;
    response.writeHead(204, { "oc-checksum": checksum }).end();
  }

  async #properties(exchange: Exchange, at: Located, looks: Appearance): Promise<void> {
    const names = await namesAt(exchange, at.path);
    const entries = names.map(async (name) => {
      const stats = await stat(join(at.path, name));
      const relative = [at.relative, name].filter(Boolean).join("/");
      const properties = stats.isDirectory()
        ? this.#ofFolder(stats, looks)
        : this.#ofFile(stats, relative, looks);
      return entryOf(hrefOf(relative, stats.isDirectory(), looks), properties);
    });
    sayMultistatus(exchange.response, (await Promise.all(entries)).join(""), looks.isOdd);
  }

  #ofFolder(stats: Stats, looks: Appearance): readonly [string, string][] {
    const { quota, used } = this.#disk;
    return [
      ["d:resourcetype", "<d:collection/>"],
      ["d:getlastmodified", timeOf(stats, looks)],
      ["d:quota-available-bytes", String(quota < 0 ? quota : Math.max(0, quota - used))],
      ["d:quota-used-bytes", String(used)],
    ];
  }

  #ofFile(stats: Stats, relative: string, looks: Appearance): readonly [string, string][] {
    const { etag, checksum } = this.#disk.facts(relative);
    return [
      ["d:resourcetype", ""],
      ["d:getlastmodified", timeOf(stats, looks)],
      ["d:getcontentlength", String(stats.size)],
      ["d:getetag", `&quot;${etag}&quot;`],
      ...(checksum === undefined
        ? []
        : [["oc:checksums", `<oc:checksum>${checksum}</oc:checksum>`] as [string, string]]),
    ];
  }
}

/** The resource itself, as an empty name, and at depth 1 what lies in it. */
export async function namesAt({ request }: Exchange, path: string): Promise<readonly string[]> {
  const { depth } = request.headers;
  if (depth !== "0" && depth !== "1") throw new Failure(412, "Infinite depth is not allowed");
  const { isFolder } = await sizeOf(path);
  if (depth === "0" || !isFolder) return [""];
  return ["", ...(await readdir(path)).filter((name) => !name.endsWith(".part"))];
}

/** @param relative decoded, below the prefix */
export function hrefOf(relative: string, isFolder: boolean, { prefix }: Appearance): string {
  const names = relative.split("/").filter(Boolean).map(encodeURIComponent);
  return `${prefix}/${names.join("/")}${isFolder && names.length > 0 ? "/" : ""}`;
}

function timeOf({ mtimeMs }: Stats, { aheadMs }: Appearance): string {
  return new Date(mtimeMs + aheadMs).toUTCString();
}

async function sizeOf(
  path: string,
): Promise<{ readonly size: number; readonly isFolder: boolean }> {
  const stats = await stat(path);
  return { size: stats.size, isFolder: stats.isDirectory() };
}

async function makeFolder({ response }: Exchange, { path }: Located): Promise<void> {
  if (await isThere(path)) throw new Failure(405, "The resource already exists");
  if (!(await isThere(dirname(path)))) throw new Failure(409, "Parent node does not exist");
  await mkdir(path);
  response.writeHead(201).end();
}
