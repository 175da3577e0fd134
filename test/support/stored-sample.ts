import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { DeflatePool } from "#format/gzip/deflate-pool.ts";
import type { BytesServer } from "./bytes-server.ts";
import {
  makeSample,
  type SampleArchive,
  type SampleOptions,
  type SamplePart,
} from "./sample-archive.ts";

/** Writes an archive as a backup does, and lays it at the location of a server. */
export async function storeSample(
  server: BytesServer,
  file: string,
  { parts, ...options }: Omit<SampleOptions, "pool"> & { readonly parts: readonly SamplePart[] },
): Promise<SampleArchive> {
  await using pool = await DeflatePool.open({ engine: "wasm", threads: 1 });
  const sample = await makeSample(parts, { ...options, pool });
  writeFileSync(join(server.location, file), sample.bytes);
  return sample;
}
