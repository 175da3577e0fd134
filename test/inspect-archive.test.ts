import assert from "node:assert/strict";
import { test } from "node:test";
import type { ByteSource } from "#core/ports.ts";
import {
  encodeBackupJsonHeader,
  encodeInnerArchiveHeader,
} from "#format/tar/encode-inner-archive-header.ts";
import { backupJson } from "#test/hostile-backup.ts";
import { inspectArchive } from "#location/inspect-archive.ts";

/** Pieces at their places, zeros between them. */
function sparseSource(
  size: number,
  pieces: readonly (readonly [offset: number, bytes: Uint8Array])[],
): ByteSource {
  return {
    size,
    async read(offset, length) {
      const result = new Uint8Array(Math.max(0, Math.min(length, size - offset)));
      for (const [at, bytes] of pieces) {
        const from = Math.max(at, offset);
        const to = Math.min(at + bytes.length, offset + result.length);
        if (from < to) result.set(bytes.subarray(from - at, to - at), from - offset);
      }
      return result;
    },
    close: async () => {},
  };
}

test("finds what stands behind a part of more than 8 GiB", async () => {
  const size = 9 * 1024 ** 3;
  const header = encodeInnerArchiveHeader({
    name: "homeassistant.tar.gz",
    size,
    mtime: 1_780_000_000,
  });
  const document = Buffer.from(JSON.stringify(backupJson()));
  const behind = header.length + size;
  const source = sparseSource(behind + 10_240, [
    [0, header],
    [behind, encodeBackupJsonHeader(document.length, 1_780_000_000)],
    [behind + 512, document],
  ]);
  const facts = await inspectArchive(source);
  assert.equal(facts.homeassistant?.size, size);
  assert.deepEqual(facts.problems, []);
});
