import { open } from "node:fs/promises";
import { systemErrorCode } from "../system-error-code.ts";

/** Makes a rename in the folder survive a power cut. Shares that cannot flush a folder are let off. */
export async function syncFolder(path: string): Promise<void> {
  await using folder = await open(path, "r");
  try {
    await folder.sync();
  } catch (error) {
    if (!["EINVAL", "ENOTSUP", "EOPNOTSUPP", "EPERM"].includes(systemErrorCode(error) ?? "")) {
      throw error;
    }
  }
}
