import { mkdir, mkdtemp, open, rm, statfs } from "node:fs/promises";
import { join } from "node:path";
import type { Spool } from "#archive/ports.ts";

const blockSize = 1024 * 1024;

/** A temporary file for one inner archive, where the place cannot be patched. */
export async function openSpool(scratch: string): Promise<Spool> {
  await mkdir(scratch, { recursive: true, mode: 0o700 });
  const folder = await mkdtemp(join(scratch, "spool-"));
  const file = await open(join(folder, "inner-archive"), "wx+", 0o600);
  async function* read(): AsyncGenerator<Uint8Array> {
    for (let offset = 0; ;) {
      const { bytesRead, buffer } = await file.read(
        Buffer.allocUnsafe(blockSize),
        0,
        blockSize,
        offset,
      );
      if (bytesRead === 0) return;
      offset += bytesRead;
      yield buffer.subarray(0, bytesRead);
    }
  }
  return {
    write: async (bytes) => {
      for (let done = 0; done < bytes.length;) done += (await file.write(bytes, done)).bytesWritten;
    },
    read,
    [Symbol.asyncDispose]: async () => {
      await file.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Bytes that are free for spools on the disk of a folder. */
export async function spoolSpace(folder: string): Promise<number> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const { bavail, bsize } = await statfs(folder);
  return bavail * bsize;
}
