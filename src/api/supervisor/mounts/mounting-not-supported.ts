import { OfficialError } from "../http/official-error.ts";

/** Methods of the Supervisor's mount manager that need a system that can mount. */
export type MountMethod = "create_mount" | "reload_mount";

/**
 * The official answer where no place of that kind can be had: nobody but a Supervisor puts a share into the folders
 * of containers, and a backup mount needs a kind of location that this program has.
 */
export function mountingNotSupported(method: MountMethod): OfficialError {
  return new OfficialError(
    `'MountManager.${method}' blocked from execution, mounting not supported on system`,
  );
}
