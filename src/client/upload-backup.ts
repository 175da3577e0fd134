import { once } from "node:events";
import type { ClientRequest } from "node:http";
import { number, object, string } from "valibot";
import { SafehouseError } from "#core/model/problem.ts";
import type { ByteSource, ReportProgress } from "#core/ports.ts";
import type { Uploaded } from "#jobs/backup/upload-backup.ts";
import type { ApiClient } from "./api-client.ts";

const uploaded = object({ slug: string(), name: string(), file: string(), size: number() });

export interface UploadWish {
  readonly source: ByteSource;
  /** Name of the archive at the location. */
  readonly fileName: string;
  /** Id of the location; the default one without it. */
  readonly location: string | undefined;
}

export interface UploadTools {
  readonly report: ReportProgress;
  readonly signal: AbortSignal;
}

const blockSize = 1024 * 1024;

/** Sends an archive to a server, which makes it a backup of a location. Rejects as `ApiClient.call`. */
export async function uploadTo(
  client: ApiClient,
  { source, fileName, location }: UploadWish,
  { report, signal }: UploadTools,
): Promise<Uploaded> {
  const at = location === undefined ? {} : { location };
  const query = new URLSearchParams({ filename: fileName, ...at });
  const answer = await client.stream({
    method: "POST",
    path: `/backups/upload?${query.toString()}`,
    headers: {
      "Content-Type": "application/x-tar",
      "Content-Length": String(source.size),
    },
    writeBody: (request) => {
      // What it meets ends the request, and the request tells.
      send(source, request, report).catch((error: unknown) =>
        request.destroy(error instanceof Error ? error : new Error(String(error))),
      );
    },
    signal,
  });
  return client.read(uploaded, answer, signal);
}

/** Sends it as fast as it is taken, until there is an answer: a server may refuse before it has everything. */
async function send(
  source: ByteSource,
  request: ClientRequest,
  report: ReportProgress,
): Promise<void> {
  const ended = new AbortController();
  const stop = (): void => ended.abort();
  request.once("response", stop).once("close", stop);
  let bytes = 0;
  while (bytes < source.size && !ended.signal.aborted) {
    const block = await source.read(bytes, blockSize);
    if (block.length === 0) throw becameShorter();
    if (ended.signal.aborted) return;
    if (!request.write(block)) await drained(request, ended.signal);
    bytes += block.length;
    report({ step: "upload", bytes, totalBytes: source.size });
  }
  if (!ended.signal.aborted) request.end();
}

async function drained(request: ClientRequest, ended: AbortSignal): Promise<void> {
  await once(request, "drain", { signal: ended }).catch((error: unknown) => {
    if (!ended.aborted) throw error;
  });
}

function becameShorter(): SafehouseError {
  return new SafehouseError("truncated", "The file has become shorter while it was sent", {
    advice: "Wait until nobody writes it any more",
  });
}
