import type { Sharing } from "#core/sharing/sharing.ts";

/** How the files of one home are shared. All methods reject with `damaged` for settings that cannot be read. */
export interface SharingStore {
  /** Nothing is shared until somebody has said so. */
  read(): Promise<Sharing>;
  /** Nothing changes if `decide` throws. Returns what is kept now. */
  change(decide: (before: Sharing) => Sharing): Promise<Sharing>;
  /** The password of the share as it is kept. */
  seal(password: string): string;
  /** The password itself. Throws if it cannot be opened. */
  open(sealed: string): string;
}
