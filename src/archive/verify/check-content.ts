import { partName } from "#core/model/part.ts";
import type { TarEvent } from "#format/tar/tar-event.ts";
import { encryptionOf } from "../read/encryption-of.ts";
import type { InnerArchive, OpenArchive } from "../read/open-archive.ts";
import { readChecked } from "./check-against-index.ts";
import { damageMessage, type VerifyAccess } from "./check-structure.ts";
import { locateDamage } from "./locate-damage.ts";
import type { VerifyOptions } from "./verify-archive.ts";
import type { DamagedFile, PartReport } from "./verify-report.ts";

export type ContentOptions = VerifyOptions & { readonly access: VerifyAccess };

interface Tally {
  files: number;
  bytes: number;
  /** Last entry whose header was read. */
  path: string | undefined;
}

/** Reads one inner archive to its end. Where there is an index, every damaged file is found and named. */
export async function checkContent(
  archive: OpenArchive,
  inner: InnerArchive,
  options: ContentOptions,
): Promise<PartReport> {
  const { index } = options.access;
  const tally: Tally = { files: 0, bytes: 0, path: undefined };
  const report = { part: partName(inner.part), member: inner.member };
  try {
    const proven = index?.provesContent === true && index.members().includes(inner.member);
    for await (const events of readChecked(archive, inner, options.access))
      count(events, tally, options);
    const authenticated = (await encryptionOf(archive, inner)).kind === "v3";
    const verdict = authenticated || proven ? "proven" : "readable";
    return { ...report, verdict, files: tally.files, bytes: tally.bytes, problems: [] };
  } catch (error) {
    const first = { message: damageMessage(error, options.access), path: tally.path };
    const problems = await damagedFiles({ archive, inner, first }, options);
    return { ...report, verdict: "damaged", files: tally.files, bytes: tally.bytes, problems };
  }
}

function count(
  events: readonly TarEvent[],
  tally: Tally,
  { report, signal }: ContentOptions,
): void {
  signal.throwIfAborted();
  for (const event of events) {
    if (event.kind === "data") tally.bytes += event.bytes.length;
    if (event.kind !== "entry") continue;
    tally.path = event.entry.path;
    if (event.entry.type === "file") tally.files += 1;
  }
  report({ step: "verify", bytes: tally.bytes });
}

interface Damage {
  readonly archive: OpenArchive;
  readonly inner: InnerArchive;
  /** What was met first. */
  readonly first: DamagedFile;
}

async function damagedFiles(
  { archive, inner, first }: Damage,
  { access, signal }: ContentOptions,
): Promise<readonly DamagedFile[]> {
  const part = await access.index?.part(inner.member);
  if (access.index === undefined || part === undefined) {
    const after =
      first.path === undefined ? "" : `; reading stopped at ${first.path} or right after it`;
    return [{ path: first.path, message: `${first.message}${after}` }];
  }
  const files = await locateDamage(archive, {
    part,
    index: access.index,
    keys: access.keys,
    signal,
  });
  return files.length > 0 ? files : [{ path: undefined, message: first.message }];
}
