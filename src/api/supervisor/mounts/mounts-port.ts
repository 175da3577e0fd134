/** Network places that are locations for backups. */
export interface SupervisorMounts {
  list(): Promise<MountListing>;
  /**
   * Tries the place, keeps it with its secrets, and makes it a location of that name; the first one also becomes
   * the default. Rejects with nothing kept: `denied`, `unreachable`, `unsupported`. Answers within 10 seconds.
   */
  create(mount: MountWish): Promise<void>;
  /** As `create`, in place of the one with that name. Rejects with everything as it was. */
  replace(mount: MountWish): Promise<void>;
  /** Ends the location; what lies there stays. Of the default one, no mount is the default afterwards. */
  remove(name: string): Promise<void>;
  /** Tries the place again. Rejects with `unreachable` and the like if it does not answer. */
  reload(name: string): Promise<void>;
  /** Undefined: the local location takes new backups. */
  setDefault(name: string | undefined): Promise<void>;
}

export interface MountListing {
  /** Takes new backups that name no location; undefined: the local location. */
  readonly defaultMount: string | undefined;
  readonly mounts: readonly KeptMount[];
}

interface NetworkPlace {
  /** Letters, digits and `_`. */
  readonly name: string;
  readonly server: string;
  /** Undefined: the protocol's own. */
  readonly port: number | undefined;
}

interface SmbPlace extends NetworkPlace {
  readonly type: "cifs";
  readonly share: string;
  /** Version of the protocol, where an old one is needed. */
  readonly version: "1.0" | "2.0" | undefined;
}

interface NfsPlace extends NetworkPlace {
  readonly type: "nfs";
  readonly path: string;
}

export type MountWish =
  | (SmbPlace & {
      /** Undefined: as a guest. */
      readonly login: { readonly user: string; readonly password: string } | undefined;
    })
  | NfsPlace;

export type MountPlace = SmbPlace | NfsPlace;

/** `failed`: it did not answer when it was last tried. */
export type KeptMount = MountPlace & { readonly state: "active" | "failed" };
