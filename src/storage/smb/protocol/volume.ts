import type { SmbFile } from "./file.ts";
import { SmbError } from "./smb-error.ts";

export interface VolumeSpace {
  /** Bytes that this user may take. */
  readonly freeBytes: number;
  readonly totalBytes: number;
}

const fileSystem = 2;
/** FileFsFullSizeInformation and the older FileFsSizeInformation, [MS-FSCC] 2.5.4 and 2.5.8: where the sizes of a unit lie. */
const kinds = [
  { kind: 7, bytes: 32, unitAt: 24 },
  { kind: 3, bytes: 24, unitAt: 16 },
] as const;

/** Space of the disk that a file or folder lies on; undefined where the server does not tell. */
export async function volumeSpace(
  file: SmbFile,
  signal: AbortSignal,
): Promise<VolumeSpace | undefined> {
  for (const { kind, bytes, unitAt } of kinds) {
    try {
      const found = await file.info({ type: fileSystem, kind, bytes }, signal);
      if (found.length < bytes) continue;
      const unit = found.readUInt32LE(unitAt) * found.readUInt32LE(unitAt + 4);
      return {
        freeBytes: Number(found.readBigUInt64LE(8)) * unit,
        totalBytes: Number(found.readBigUInt64LE(0)) * unit,
      };
    } catch (error) {
      // It does not know this kind; perhaps the older one.
      if (!(error instanceof SmbError)) throw error;
    }
  }
  return undefined;
}
