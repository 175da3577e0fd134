/** Where the parts of a folder home lie. Absolute paths; an absent part is undefined. */
export interface HomePaths {
  readonly config: string | undefined;
  readonly share: string | undefined;
  readonly ssl: string | undefined;
  readonly media: string | undefined;
  /** The folder that official backups call `addons/local`. */
  readonly addonsLocal: string | undefined;
  /** Holds one folder per add-on slug. */
  readonly addonData: string | undefined;
  /** Safehouse's own data: journal, scratch, catalogue, default backup folder. */
  readonly dataDir: string;
}
