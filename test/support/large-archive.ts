import { createHash } from "node:crypto";
import { open } from "node:fs/promises";
import { backupJson } from "./hostile-backup.ts";
import { tarMember } from "./hostile-tar.ts";
import { sampleBytes } from "./sample-bytes.ts";

const mebibyte = 1024 * 1024;

/**
 * Writes an archive of about that size to a file, without holding it in memory; its SHA-256 in hexadecimal.
 * @param head how its inner archive begins; else that is noise
 */
export async function writeLargeArchive(
  path: string,
  mebibytes: number,
  head: Uint8Array = new Uint8Array(0),
): Promise<string> {
  const hash = createHash("sha256");
  await using file = await open(path, "wx");
  const write = async (bytes: Uint8Array): Promise<void> => {
    hash.update(bytes);
    await file.writeFile(bytes);
  };
  await write(tarMember({ name: "./homeassistant.tar.gz", size: mebibytes * mebibyte }));
  const piece = sampleBytes("large archive", mebibyte);
  for (let done = 0; done < mebibytes; done += 1) {
    piece.writeUInt32LE(done);
    if (done === 0) piece.set(head);
    await write(piece);
  }
  const json = JSON.stringify(backupJson({ slug: "1a26e000", name: "Large" }));
  await write(tarMember({ name: "./backup.json", content: json }));
  await write(Buffer.alloc(2 * 512));
  return hash.digest("hex");
}
