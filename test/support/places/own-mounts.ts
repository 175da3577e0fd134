import { execFileSync } from "node:child_process";

/** Why nothing can be mounted here that only our own processes see, for `skip`; false if it can. */
export const noOwnMounts = ((): string | false => {
  try {
    execFileSync("unshare", ["--mount", "mount", "-t", "tmpfs", "none", "/run"], {
      stdio: "ignore",
    });
    return false;
  } catch {
    return "absent: permission to mount";
  }
})();
