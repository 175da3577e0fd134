import type { SmbFile } from "./file.ts";

/** Kinds of information of [MS-FSCC] 2.4. */
const kind = { rename: 10, link: 11, disposition: 13, endOfFile: 20 } as const;

/**
 * Gives an open file another name, in one step. Without `replaces` rejects with `OBJECT_NAME_COLLISION` if something has it.
 * @param path from the top of the share
 */
export async function renameFile(
  file: SmbFile,
  { path, replaces }: { readonly path: string; readonly replaces: boolean },
  signal: AbortSignal,
): Promise<void> {
  await file.set(kind.rename, nameInformation(path, replaces), signal);
}

/** Gives an open file one more name. Rejects with `OBJECT_NAME_COLLISION` if something has it. */
export async function linkFile(file: SmbFile, path: string, signal: AbortSignal): Promise<void> {
  await file.set(kind.link, nameInformation(path, false), signal);
}

/** Both kinds look the same: whether to replace, and the path. */
function nameInformation(path: string, replaces: boolean): Buffer {
  const name = Buffer.from(path, "utf16le");
  const value = Buffer.alloc(Math.max(24, 20 + name.length));
  value[0] = replaces ? 1 : 0;
  value.writeUInt32LE(name.length, 16);
  name.copy(value, 20);
  return value;
}

/** Says whether the file goes when it is closed, also if that is because the connection is cut. */
export async function goesWhenClosed(
  file: SmbFile,
  goes: boolean,
  signal: AbortSignal,
): Promise<void> {
  await file.set(kind.disposition, Buffer.from([goes ? 1 : 0]), signal);
}

export async function setSize(file: SmbFile, size: number, signal: AbortSignal): Promise<void> {
  const value = Buffer.alloc(8);
  value.writeBigUInt64LE(BigInt(size));
  await file.set(kind.endOfFile, value, signal);
}
