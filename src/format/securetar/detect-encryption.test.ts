import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, it } from "node:test";
import { tarMember } from "#test/secure-tar.ts";
import { detectEncryption } from "./detect-encryption.ts";

const official = new URL("../../../test/fixtures/official/", import.meta.url);

function head(file: string, member: string): Uint8Array {
  return tarMember(readFileSync(new URL(file, official)), member).subarray(0, 512);
}

function secureTar(version: number, reserved = 0): Uint8Array {
  return Buffer.concat([
    Buffer.from("SecureTar"),
    Buffer.of(version, 0, 0, 0, 0, 0, reserved),
    Buffer.alloc(40),
  ]);
}

describe("detectEncryption", () => {
  it("tells every official archive's version", () => {
    const gzip = { kind: "none", compression: "gzip" };
    assert.deepEqual(detectEncryption(head("backup_example.tar", "a0d7b954_example.tar.gz")), gzip);
    assert.deepEqual(detectEncryption(head("backup_example_enc.tar", "ssl.tar.gz")), {
      kind: "v2",
    });
    const v3 = head("backup_example_sec_v3.tar", "a0d7b954_example.tar.gz");
    assert.deepEqual(detectEncryption(v3), { kind: "v3" });
    assert.deepEqual(detectEncryption(head("securetar_v1_raw_key.tar", "core.tar.gz")), {
      kind: "v1",
    });
  });

  it("recognises a plain tar, even one without entries", () => {
    const tar = readFileSync(new URL("backup_example.tar", official)).subarray(0, 512);
    assert.deepEqual(detectEncryption(tar), { kind: "none", compression: "none" });
    assert.deepEqual(detectEncryption(new Uint8Array(512)), { kind: "none", compression: "none" });
  });

  it("refuses SecureTar versions that it does not know, by number", () => {
    assert.throws(() => detectEncryption(secureTar(4)), {
      problem: "unknown-version",
      message: /format v4/u,
    });
    assert.throws(() => detectEncryption(secureTar(1)), { problem: "unknown-version" });
    assert.throws(() => detectEncryption(secureTar(3, 1)), { problem: "unknown-version" });
  });

  it("calls too few bytes truncated", () => {
    for (const length of [0, 1, 15]) {
      assert.throws(() => detectEncryption(secureTar(3).subarray(0, length)), {
        problem: "truncated",
      });
    }
  });

  it("calls everything else v1", () => {
    assert.deepEqual(detectEncryption(Buffer.from("any sixteen bytes")), { kind: "v1" });
  });
});
