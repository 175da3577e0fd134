import type { SmbFile } from "./file.ts";

export interface VolumeSpace {
  /** Bytes that this user may take. */
  readonly freeBytes: number;
  readonly totalBytes: number;
}

const fileSystem = 2;
const fullSize = 7;

/** Space of the disk that a file or folder lies on, [MS-FSCC] 2.5.4. */
export async function volumeSpace(file: SmbFile, signal: AbortSignal): Promise<VolumeSpace> {
  const found = await file.info({ type: fileSystem, kind: fullSize, bytes: 32 }, signal);
  const unit = found.readUInt32LE(24) * found.readUInt32LE(28);
  return {
    freeBytes: Number(found.readBigUInt64LE(8)) * unit,
    totalBytes: Number(found.readBigUInt64LE(0)) * unit,
  };
}
