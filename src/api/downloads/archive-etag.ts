import { createHash } from "node:crypto";

/** The `ETag` of an archive as it lies at its location: another one means that its bytes may be others. */
export function archiveEtag({
  key,
  version,
}: {
  readonly key: string;
  readonly version: string;
}): string {
  return `"${createHash("sha256").update(`${key}\0${version}`).digest("hex").slice(0, 32)}"`;
}
