import { link, lstat, rename, unlink } from "node:fs/promises";
import { systemErrorCode } from "../system-error-code.ts";

/** `rename` replaces what is there; `link` does not, but FAT and some shares have none. */
export async function renameWithoutReplacing(from: string, to: string): Promise<void> {
  try {
    await link(from, to);
  } catch (error) {
    if (!noLinkCodes.has(systemErrorCode(error) ?? "")) throw error;
    if (await isThere(to)) throw error;
    await rename(from, to);
    return;
  }
  await unlink(from);
}

const noLinkCodes: ReadonlySet<string> = new Set(["EPERM", "ENOTSUP", "EOPNOTSUPP", "ENOSYS"]);

async function isThere(path: string): Promise<boolean> {
  try {
    await lstat(path);
    return true;
  } catch (error) {
    if (systemErrorCode(error) === "ENOENT") return false;
    throw error;
  }
}
