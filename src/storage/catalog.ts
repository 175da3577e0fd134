import type { AgentLayout } from "#core/location/agent-layout.ts";
import { SafehouseError } from "#core/model/problem.ts";
import type { DiagnosisStep } from "./diagnosis.ts";
import { localEntry } from "./catalog/local.ts";
import { nfsEntry } from "./catalog/nfs.ts";
import { webdavEntry } from "./catalog/webdav.ts";
import { sftpEntry } from "./catalog/sftp.ts";
import { rcloneEntry } from "./catalog/rclone.ts";
import { rsyncEntry } from "./catalog/rsync.ts";
import { s3Entry } from "./catalog/s3.ts";
import { syncthingEntry } from "./catalog/syncthing.ts";
import { smbEntry } from "./catalog/smb.ts";
import type { StorageProvider } from "./provider.ts";

/** Settings of a place by name, secrets included. */
export type PlaceSettings = Readonly<Record<string, string | number | boolean>>;

/** One kind of place that can be set up. */
export interface CatalogEntry {
  /** Name in settings, for ever. */
  readonly kind: string;
  /** Name for people. */
  readonly title: string;
  /** What there is to be set. */
  readonly fields: readonly SettingField[];
  /** True if objects go on from there by themselves, and only then count as delivered (`StorageProvider.settlement`). */
  readonly settles?: true;
  /** Where such a place is, in one line for people; no secret. */
  where(settings: PlaceSettings): string;
  /** At set-up: makes the place if it is missing and this program can make it. */
  prepare?(settings: PlaceSettings): Promise<void>;
  /** When the location is forgotten: gives back what was taken of this machine for it. Nothing at the place changes. */
  letGo?(settings: PlaceSettings): Promise<void>;
  /**
   * Tries step by step whether such a place can be reached and written to. Ends behind the first step that fails; never
   * rejects but with the signal's reason and with `usage` for wrong settings.
   */
  diagnose?(settings: PlaceSettings, signal: AbortSignal): AsyncIterable<DiagnosisStep>;
  /** What Home Assistant's own backup agent for such places needs beside an archive; absent where it needs nothing. */
  agentLayout?(settings: PlaceSettings): AgentLayout;
  /** Loads the provider's code and makes one from its settings. Throws `usage` on wrong settings. */
  open(settings: PlaceSettings): Promise<StorageProvider>;
}

/** One setting of a kind of place. */
export interface SettingField {
  readonly name: string;
  /** For people, as the end of "--name <type>": what it is. */
  readonly title: string;
  /** `folder`: the path of one on this machine. `lines`: several lines of text, such as a key in PEM. `flag`: yes or no. */
  readonly type: "text" | "lines" | "number" | "flag" | "folder";
  /** Sealed where it is kept, and never shown. */
  readonly secret?: true;
}

/** The kind of a place that is named by the path of a folder alone. */
export const folderKind = "local";

/** Settings of a folder as a place. */
export function folderSettings(path: string): PlaceSettings {
  return { path };
}

/** Every kind of place. Code of a kind is loaded when one of it is opened. */
export const storageCatalog: readonly CatalogEntry[] = [
  localEntry,
  nfsEntry,
  webdavEntry,
  sftpEntry,
  rsyncEntry,
  rcloneEntry,
  syncthingEntry,
  s3Entry,
  smbEntry,
];

/** A kind by its name. Throws `unsupported` for one that is not in the catalog. */
export function findKind(
  kind: string,
  catalog: readonly CatalogEntry[] = storageCatalog,
): CatalogEntry {
  const entry = catalog.find((candidate) => candidate.kind === kind);
  if (entry !== undefined) return entry;
  const known = catalog.map((candidate) => candidate.kind).join(", ");
  throw new SafehouseError("unsupported", `There is no kind of location called ${kind}`, {
    subject: kind,
    advice: `Use one of these: ${known}`,
  });
}

/** Makes a provider of a kind. Rejects as `findKind` and as the kind's `open`. */
export async function openStorage(kind: string, settings: PlaceSettings): Promise<StorageProvider> {
  return findKind(kind).open(settings);
}
