import { randomBytes } from "node:crypto";
import { createWriteStream } from "node:fs";
import { rename, rm, stat } from "node:fs/promises";
import type { IncomingMessage } from "node:http";
import { dirname, join } from "node:path";
import { pipeline } from "node:stream/promises";
import { Failure, type Exchange } from "./nextcloud-answers.ts";

export interface FileFacts {
  etag: string;
  /** Bytes. */
  size: number;
  /** What a client has said of it, or what was computed when one asked. */
  checksum: string | undefined;
}

export interface Located {
  readonly path: string;
  /** Below the user's files. */
  readonly relative: string;
}

/** Files of one user, and what Nextcloud's database knows of them. */
export class NextcloudDisk {
  readonly files: string;
  readonly uploads: string;
  readonly #facts = new Map<string, FileFacts>();
  /** Bytes that the user may have; a negative number for none of that. */
  quota: number;

  constructor(root: string, quota: number) {
    this.files = join(root, "files");
    this.uploads = join(root, "uploads");
    this.quota = quota;
  }

  locate(names: readonly string[]): Located {
    for (const name of names) {
      if (Buffer.byteLength(name) > 250) throw new Failure(400, "File name is too long");
      if (/[\\/\p{Cc}]/u.test(name))
        throw new Failure(400, "File name contains an invalid character");
    }
    return { path: join(this.files, ...names), relative: names.join("/") };
  }

  facts(relative: string): FileFacts {
    const facts = this.#facts.get(relative) ?? { etag: newEtag(), size: 0, checksum: undefined };
    this.#facts.set(relative, facts);
    return facts;
  }

  /** After new bytes are there. */
  noteWritten(relative: string, size: number, request: IncomingMessage): void {
    const checksum = request.headers["oc-checksum"]?.toString();
    this.#facts.set(relative, { etag: newEtag(), size, checksum });
  }

  noteMoved(from: string, to: string): void {
    this.#facts.set(to, this.facts(from));
    this.#facts.delete(from);
  }

  noteRemoved(relative: string): void {
    for (const key of this.#facts.keys()) {
      if (key === relative || key.startsWith(`${relative}/`)) this.#facts.delete(key);
    }
  }

  get used(): number {
    return [...this.#facts.values()].reduce((sum, { size }) => sum + size, 0);
  }

  checkQuota(length: number): void {
    const free = this.quota - this.used;
    if (this.quota < 0 || length <= free) return;
    throw new Failure(507, `Insufficient space in files, ${length} required, ${free} available`);
  }

  /** Takes a body through a part file, so that nothing is seen of one that does not come to its end. */
  async store({ request, response }: Exchange, path: string): Promise<void> {
    const part = `${path}.ocTransferId${randomBytes(4).toString("hex")}.part`;
    try {
      if (request.headers.expect !== undefined && !response.headersSent) response.writeContinue();
      await pipeline(request, createWriteStream(part));
      await rename(part, path);
    } finally {
      await rm(part, { force: true });
    }
  }

  /** Where a request wants something to go. */
  async destination({
    headers,
  }: IncomingMessage): Promise<Located & { readonly isThere: boolean }> {
    const located = this.namedDestination(headers.destination?.toString());
    const there = await isThere(located.path);
    if (!(await isThere(dirname(located.path)))) {
      throw new Failure(409, "The destination node is not found");
    }
    if (there && headers.overwrite === "F") {
      throw new Failure(412, "The destination node already exists, and overwrite is false");
    }
    return { ...located, isThere: there };
  }

  /** As every request of an upload in chunks has to name it. */
  namedDestination(given: string | undefined): Located {
    if (given === undefined) throw new Failure(400, "The destination header was not supplied");
    const names = decodedNames(new URL(given, "http://localhost").pathname);
    return this.locate(names[1] === "webdav" ? names.slice(2) : names.slice(4));
  }
}

export function decodedNames(path: string): readonly string[] {
  return path.split("/").filter(Boolean).map(decodeURIComponent);
}

export async function isThere(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

function newEtag(): string {
  return randomBytes(16).toString("hex");
}
