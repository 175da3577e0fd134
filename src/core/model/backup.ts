import type { FolderName } from "./part.ts";

/** An add-on as a backup names it. */
export interface BackupAddon {
  readonly slug: string;
  readonly name: string;
  readonly version: string;
  /** MB; 0 in archives of current Supervisors. */
  readonly size: number;
}

/**
 * What `backup.json` says, made uniform over metadata versions 1 and 2 and over writers.
 * `raw` is the document as it was read: unknown keys and `extra` survive a rewrite.
 */
export interface BackupMetadata {
  readonly version: 1 | 2;
  /** 8 hexadecimal digits. */
  readonly slug: string;
  readonly name: string;
  /** As stored; an ISO date-time in every known writer. */
  readonly date: string;
  readonly type: "full" | "partial";
  readonly compressed: boolean;
  /** A claim. What holds for an inner archive is told by its bytes. */
  readonly protected: boolean;
  readonly supervisorVersion: string | undefined;
  readonly homeassistant:
    | { readonly version: string | undefined; readonly excludeDatabase: boolean }
    | undefined;
  readonly folders: readonly FolderName[];
  readonly addons: readonly BackupAddon[];
  readonly repositories: readonly string[];
  readonly extra: Readonly<Record<string, unknown>>;
  readonly raw: Readonly<Record<string, unknown>>;
}
