import { createHash } from "node:crypto";
import { crc32 } from "node:zlib";
import { interruptible } from "../interruptible.ts";
import { DropboxHash } from "./dropbox-hash.ts";
import { QuickXorHash } from "./quick-xor-hash.ts";

/** A checksum that grows with the bytes. */
interface GrowingHash {
  update(bytes: Uint8Array): unknown;
  /** In hexadecimal, as rclone writes it. */
  digest(): string;
}

/** By rclone's names, the surest first. */
const hashes: ReadonlyMap<string, () => GrowingHash> = new Map([
  ["sha256", () => standard("sha256")],
  ["sha512", () => standard("sha512")],
  ["sha1", () => standard("sha1")],
  ["md5", () => standard("md5")],
  ["dropbox", () => new DropboxHash()],
  ["quickxor", () => new QuickXorHash()],
  ["crc32", crc],
]);

/** Those that can be computed here too, the surest first. */
export function usableHashes(offered: readonly string[]): readonly string[] {
  return [...hashes.keys()].filter((name) => offered.includes(name));
}

/** Number of bytes of a body, and its checksum of one of the names of `usableHashes`. */
export async function digestOf(
  body: AsyncIterable<Uint8Array>,
  name: string,
  signal: AbortSignal,
): Promise<{ readonly size: number; readonly digest: string }> {
  const make = hashes.get(name);
  if (make === undefined) throw new RangeError(`${name} is no checksum that is known here`);
  const hash = make();
  let size = 0;
  for await (const chunk of interruptible(body, signal)) {
    hash.update(chunk);
    size += chunk.length;
  }
  return { size, digest: hash.digest() };
}

function standard(name: string): GrowingHash {
  const hash = createHash(name);
  return { update: (bytes) => hash.update(bytes), digest: () => hash.digest("hex") };
}

function crc(): GrowingHash {
  let value = 0;
  return {
    update: (bytes) => (value = crc32(bytes, value)),
    digest: () => value.toString(16).padStart(8, "0"),
  };
}
