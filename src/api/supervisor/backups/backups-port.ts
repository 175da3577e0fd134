import type { FolderName } from "#core/model/part.ts";
import type { SafehouseError } from "#core/model/problem.ts";
import type { ByteSource } from "#core/ports.ts";
import type { LocationName } from "../location-name.ts";

/** Backups of the home at all of its locations. */
export interface SupervisorBackups {
  /** Every location that a backup can be made at or copied to; `.local` is always among them. */
  locations(): Promise<readonly LocationName[]>;
  /**
   * Every backup once, with its copies, newest first. From what is remembered: a location that does not answer
   * holds nothing up. Archives whose slug cannot be read are left out.
   */
  list(): Promise<readonly KeptBackup[]>;
  /** One of them; Home Assistant asks for each by itself after every list. */
  find(slug: string): Promise<KeptBackup | undefined>;
  /** Looks at every location again. Answers within seconds; a location that does not answer is passed over. */
  reload(): Promise<void>;

  /** Days after which a home without a newer full backup counts as unprotected. */
  daysUntilStale(): Promise<number>;
  setDaysUntilStale(days: number): Promise<void>;

  /**
   * Begins a backup. Resolves when it has been found possible and has its name. Rejects before anything is
   * written: `busy` while another one is made or restored, `no-space`, `unreachable`.
   */
  create(wish: BackupWish): Promise<StartedBackup>;
  /**
   * Begins a restore of the copy at one location. Resolves when password and versions are known to fit. Rejects
   * with the home as it was: `wrong-password`, `password-needed`, `newer-version`, `busy`, `home-alive`,
   * `unreachable`, and `not-found` if its file has gone.
   */
  restore(slug: string, wish: RestoreWish): Promise<StartedRun>;

  /**
   * Takes an archive over as it is: to the first location as it comes, then copied to the others. Resolves to
   * its slug when it is listed. If `content` fails or is no backup, nothing is left and nothing listed.
   */
  upload(content: AsyncIterable<Uint8Array>, target: UploadTarget): Promise<string>;
  /** Opens the copy at a location. Rejects with `not-found` if its file has gone, and looks there again then. */
  open(slug: string, location: LocationName): Promise<StoredArchive>;
  /** Removes the copies at these locations. Rejects with `not-found` if a file has gone. */
  remove(slug: string, locations: readonly LocationName[]): Promise<void>;

  /** `freeze` while a backup is made or restored, or the home is held for somebody else's snapshot. */
  state(): Promise<"running" | "freeze">;
  /**
   * Holds the home still for somebody else's snapshot, as a lease: it ends with `thaw`, after that many seconds,
   * and with this process. Rejects with `busy` unless the state is `running`.
   */
  freeze(seconds: number): Promise<void>;
  /** Ends such a lease. False if there is none. */
  thaw(): Promise<boolean>;
}

/** One backup, whatever number of copies there is of it. */
export interface KeptBackup {
  readonly slug: string;
  readonly name: string;
  /** ISO date-time as stored. */
  readonly date: string;
  readonly type: "full" | "partial";
  readonly compressed: boolean;
  /** Version of the Supervisor that made it; undefined if none did or it is not known. */
  readonly supervisorVersion: string | undefined;
  /** Undefined if it holds no Home Assistant. */
  readonly homeassistant:
    | { readonly version: string | undefined; readonly databaseIncluded: boolean }
    | undefined;
  readonly folders: readonly FolderName[];
  readonly addons: readonly KeptAddon[];
  readonly repositories: readonly string[];
  readonly extra: Readonly<Record<string, unknown>>;
  /** At least one, and at most one for each location. */
  readonly copies: readonly KeptCopy[];
}

export interface KeptAddon {
  readonly slug: string;
  readonly name: string;
  readonly version: string;
  /** Bytes of its inner archive. */
  readonly size: number;
}

export interface KeptCopy {
  readonly location: LocationName;
  readonly fileName: string;
  /** Bytes of the archive. */
  readonly size: number;
  readonly protected: boolean;
}

/** What is to be backed up, and where to. */
export interface BackupWish {
  /** Undefined gives a name that says what is in it. */
  readonly name: string | undefined;
  /** Ends in `.tar`; undefined gives the archive's own name. */
  readonly fileName: string | undefined;
  /** Undefined: not encrypted. */
  readonly password: string | undefined;
  readonly compressed: boolean;
  /** Each gets a copy. */
  readonly locations: readonly [LocationName, ...LocationName[]];
  /** Undefined: everything there is. */
  readonly parts: ChosenParts | undefined;
  readonly excludeDatabase: boolean;
  /** Kept in `extra` of `backup.json`. */
  readonly extra: Readonly<Record<string, unknown>>;
}

/** At least one part. */
export interface ChosenParts {
  readonly homeassistant: boolean;
  /** Slugs. */
  readonly addons: readonly string[] | "ALL";
  readonly folders: readonly FolderName[];
}

export interface RestoreWish {
  readonly location: LocationName;
  readonly password: string | undefined;
  /** Undefined: everything in the backup. */
  readonly parts: ChosenParts | undefined;
}

export interface StartedRun {
  /** 32 hexadecimal digits; `SupervisorJobs` knows the run by it. */
  readonly id: string;
  /**
   * Settles when the backup is made and each copy has arrived or failed for the first time, or the restore is
   * over. Never rejects: what went wrong with the whole of it is the result. A client that has gone ends nothing.
   */
  readonly ended: Promise<SafehouseError | undefined>;
}

export interface StartedBackup extends StartedRun {
  readonly slug: string;
}

export interface UploadTarget {
  readonly locations: readonly [LocationName, ...LocationName[]];
  /** Ends in `.tar`; undefined gives the archive's own name. */
  readonly fileName: string | undefined;
}

/** An archive to be read. */
export interface StoredArchive {
  readonly fileName: string;
  readonly source: ByteSource;
  /** Milliseconds since 1970. */
  readonly modifiedAt: number;
  /** Another text for every other content, for `ETag`; printable ASCII without quotes. */
  readonly version: string;
}
