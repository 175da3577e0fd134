/** How people get at the files of the backups by themselves, besides the page and the API. */
export interface Sharing {
  /** WebDAV answers other machines over plain HTTP, too. */
  readonly webdavOverHttp: boolean;
  /** The Samba share of the backups; undefined while there is none. */
  readonly samba: SambaSharing | undefined;
}

export interface SambaSharing {
  /** TCP port that it listens on. */
  readonly port: number;
  /** Address of this machine that it listens on; undefined for all of them. */
  readonly address: string | undefined;
  /** As it is kept: sealed. Undefined where it was left out of an export. */
  readonly password: string | undefined;
}

/** Name of the Samba share. */
export const shareName = "backups";
/** Who it lets in. */
export const shareUser = "safehouse";

/** Where file explorers look for shares; only whoever may do everything on a machine may listen there. */
export const usualSambaPort = 445;
