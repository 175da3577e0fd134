import { createHash } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";
import type { ArchiveTools } from "#jobs/archive/archive-tools.ts";
import type { Downloaded } from "#jobs/backup/download-backup.ts";
import { SafehouseError } from "#core/model/problem.ts";
import type { ReportProgress } from "#core/ports.ts";
import type { ApiClient, StreamAnswer } from "./api-client.ts";
import { noSafehouse } from "./connection-error.ts";
import { pathSegment } from "./path-segment.ts";

/** What to fetch, and where to. */
export interface DownloadWish {
  /** Slug or file name. */
  readonly backup: string;
  /** Id of the location; the default one without it. */
  readonly location: string | undefined;
  /** File to write; the backup's own name in this folder without it. */
  readonly to: string | undefined;
  readonly overwrite: boolean;
  readonly decrypt: boolean;
  /** Opens the backup; a key of the server's ring without it. */
  readonly password: string | undefined;
}

export interface DownloadTools {
  readonly files: Pick<ArchiveTools, "createFile">;
  readonly report: ReportProgress;
  readonly signal: AbortSignal;
}

/**
 * Fetches a backup from a server into a file, which appears whole or not at all. Where the server knows the
 * checksum the bytes are held to it. Rejects as `ApiClient.call`, as writing the file does, and with `damaged`.
 */
export async function downloadFrom(
  client: ApiClient,
  wish: DownloadWish,
  tools: DownloadTools,
): Promise<Downloaded> {
  const answer = await ask(client, wish, tools.signal);
  const { headers } = answer;
  // Only what lies there has a version of its own.
  const decrypted = headers.etag === undefined;
  const path = wish.to ?? ownName(headers, wish.decrypt);
  if (path === undefined) throw noSafehouse(client.address, "it sends a file without a name");
  const size = await write(path, answer, { wish, tools });
  return { path, size, decrypted };
}

function ask(client: ApiClient, wish: DownloadWish, signal: AbortSignal): Promise<StreamAnswer> {
  const { backup, location, decrypt, password } = wish;
  const path = `/backups/${pathSegment(backup)}/download`;
  const at = location === undefined ? {} : { location };
  if (password !== undefined)
    return client.stream({ method: "POST", path, json: { ...at, decrypt, password }, signal });
  const query = new URLSearchParams({ ...at, decrypt: String(decrypt) });
  return client.stream({ method: "GET", path: `${path}?${query.toString()}`, signal });
}

async function write(
  path: string,
  { headers, bytes: pieces }: StreamAnswer,
  { wish, tools }: { readonly wish: DownloadWish; readonly tools: DownloadTools },
): Promise<number> {
  const { files, report, signal } = tools;
  const length = headers["content-length"];
  const total = length === undefined ? {} : { totalBytes: Number(length) };
  const expected = digestIn(headers);
  const hash = createHash("sha256");
  const target = await files.createFile(path, wish.overwrite);
  try {
    let bytes = 0;
    for await (const piece of pieces) {
      signal.throwIfAborted();
      if (expected !== undefined) hash.update(piece);
      await target.write(piece);
      bytes += piece.length;
      report({ step: "download", bytes, ...total });
    }
    if (expected !== undefined && hash.digest("base64") !== expected) throw otherBytes(wish.backup);
    await target.commit();
    return bytes;
  } catch (error) {
    await target.abort();
    throw error;
  }
}

/** What the server calls the file, without a folder: it may come from a stranger's archive. */
function ownName(headers: IncomingHttpHeaders, decrypt: boolean): string | undefined {
  const encoded = /filename\*=UTF-8''([^;\s]+)/i.exec(headers["content-disposition"] ?? "")?.[1];
  const plain = /filename="([^"]+)"/i.exec(headers["content-disposition"] ?? "")?.[1];
  const name = (encoded === undefined ? plain : decodeURIComponent(encoded))?.split(/[\\/]/).at(-1);
  if (name === undefined || ["", ".", ".."].includes(name)) return undefined;
  return decrypt ? name.replace(/(\.decrypted)?\.tar$/, ".decrypted.tar") : name;
}

/** SHA-256 in Base64; undefined if the server does not tell it. */
function digestIn({ "repr-digest": digest }: IncomingHttpHeaders): string | undefined {
  return /sha-256=:([^:]+):/.exec(String(digest ?? ""))?.[1];
}

function otherBytes(backup: string): SafehouseError {
  return new SafehouseError("damaged", `What came of ${backup} is not what the server holds`, {
    subject: backup,
    advice: "Try it again; if it stays so, verify the backup on the server",
  });
}
