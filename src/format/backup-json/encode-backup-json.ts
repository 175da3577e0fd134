import type { BackupMetadata } from "#core/model/backup.ts";

/** What a new backup says of itself. */
export interface NewBackup extends Pick<
  BackupMetadata,
  | "slug"
  | "name"
  | "date"
  | "type"
  | "compressed"
  | "protected"
  | "folders"
  | "addons"
  | "repositories"
> {
  /** Undefined for a home without a Supervisor. */
  readonly supervisorVersion?: string | undefined;
  /** Undefined if it is not in the backup. Readers take one without version for not included. */
  readonly homeassistant:
    | { readonly version: string; readonly excludeDatabase: boolean }
    | undefined;
  readonly extra: Readonly<Record<string, unknown>>;
}

/**
 * `backup.json` of metadata version 2, compact, with every key that the Supervisor writes
 * (docs/format.md, sections 3.2 and 11).
 */
export function encodeBackupJson(backup: NewBackup): Uint8Array {
  return encode({
    version: 2,
    slug: backup.slug,
    name: backup.name,
    date: backup.date,
    type: backup.type,
    supervisor_version: backup.supervisorVersion ?? assumedSupervisor,
    compressed: backup.compressed,
    protected: backup.protected,
    homeassistant: homeassistantOf(backup),
    folders: backup.folders,
    addons: backup.addons.map(({ slug, name, version, size }) => ({ slug, name, version, size })),
    repositories: backup.repositories,
    extra: backup.extra,
  });
}

/**
 * The document of an existing backup after its inner archives were encrypted or decrypted. Every other
 * key stays, known or not.
 * @param raw document as it was read
 * @param changes `extra` replaces the whole key
 */
export function rewriteBackupJson(
  raw: BackupMetadata["raw"],
  changes: { readonly protected: boolean; readonly extra?: Readonly<Record<string, unknown>> },
): Uint8Array {
  const { protected: isProtected, extra } = changes;
  return encode({ ...raw, protected: isProtected, ...(extra === undefined ? {} : { extra }) });
}

/** What the Supervisor assumes if there is none, so every Supervisor restores it. */
const assumedSupervisor = "2022.08.3";

function homeassistantOf({ homeassistant }: NewBackup): Record<string, unknown> | null {
  if (homeassistant === undefined) return null;
  const { version, excludeDatabase } = homeassistant;
  return { version, size: 0, exclude_database: excludeDatabase };
}

function encode(document: Readonly<Record<string, unknown>>): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(document));
}
