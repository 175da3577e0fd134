import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { describe, it } from "node:test";
import { gunzipSync, inflateRawSync } from "node:zlib";
import { decryptWhole, tarMember } from "#test/secure-tar.ts";
import { PasswordKeys } from "./password-keys.ts";

const fixtures = new URL("../../../test/fixtures/", import.meta.url);
const chunkings: readonly (readonly number[])[] = [[], [7, 1, 100, 31], [1]];

function member(file: string, name: string): Uint8Array {
  return tarMember(readFileSync(new URL(`official/${file}`, fixtures)), name);
}

function sha256(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

/** What a reader of the broken v1 gzip stream does: the trailer is not looked at. */
function inflateWithoutTrailer(gzip: Uint8Array): Buffer {
  const nameEnd = (gzip[3] ?? 0) & 8 ? gzip.indexOf(0, 10) + 1 : 10;
  return inflateRawSync(gzip.subarray(nameEnd));
}

describe("archives made by Home Assistant's own software", () => {
  for (const lengths of chunkings) {
    const how =
      lengths.length === 0 ? "whole" : lengths.length === 1 ? "byte by byte" : "in odd chunks";

    it(`opens a v2 archive, read ${how}`, async () => {
      const archive = member("backup_example_enc.tar", "ssl.tar.gz");
      const { plain } = await decryptWhole(archive, new PasswordKeys("test"), lengths);
      assert.equal(plain.length, 199);
      assert.equal(
        sha256(plain),
        "85b856aec5cd8d41226befe2c49c4534b8fc4da414894516b7b4d9e5ed2b5d62",
      );
      assert.equal(
        sha256(gunzipSync(plain)),
        "654b9589ec07401dab6a38d4af045cd64504aa3f2810471a73b0ccc4ee670230",
      );
    });

    it(`opens a v3 archive, read ${how}`, async () => {
      const archive = member("backup_example_sec_v3.tar", "a0d7b954_example.tar.gz");
      const { plain } = await decryptWhole(archive, new PasswordKeys("supervisor"), lengths);
      assert.equal(plain.length, 1295);
      assert.equal(
        sha256(plain),
        "a3eb910b36f5d0b0300805084c0591589cc00f66870f87c46ed426caad8dc0ac",
      );
      assert.equal(
        sha256(gunzipSync(plain)),
        "9776616e1cdc50b39cddb6f39b2fe89119ccd8ccee71a9a365e58d11c2c76238",
      );
    });

    it(`opens a v1 archive by its raw key, read ${how}`, async () => {
      const keys = new PasswordKeys({ aesKey: Buffer.from("0123456789abcdef") });
      const { plain, decryptor } = await decryptWhole(
        member("securetar_v1_raw_key.tar", "core.tar.gz"),
        keys,
        lengths,
      );
      assert.equal(decryptor.legacyTrailer, true);
      assert.equal(plain.length, 400);
      const tar = inflateWithoutTrailer(plain);
      assert.equal(tar.length, plain.readUInt32LE(plain.length - 16));
      assert.equal(tar.length % 10_240, 0);
    });

    for (const file of ["ssl.tar", "ssl.tar.gz"]) {
      it(`opens ${file} in v1 with a password, read ${how}`, async () => {
        const archive = readFileSync(new URL(`securetar-v1/${file}`, fixtures));
        const { plain } = await decryptWhole(archive, new PasswordKeys("legacy-password"), lengths);
        const tar = file.endsWith("gz") ? inflateWithoutTrailer(plain) : plain;
        assert.equal(tar.length, 10_240);
        const notes = Buffer.from(tarMember(tar, "data/notes.txt"));
        assert.equal(notes.toString(), "Written by an old version\n".repeat(40));
      });
    }
  }

  it("says for each version that the password is wrong", async () => {
    const wrong = new PasswordKeys("wrong");
    const v3 = member("backup_example_sec_v3.tar", "a0d7b954_example.tar.gz");
    await assert.rejects(decryptWhole(v3, wrong), {
      problem: "wrong-password",
      message: /does not open this archive$/u,
    });
    const cannotTell = { problem: "wrong-password", message: /cannot tell/u };
    await assert.rejects(
      decryptWhole(member("backup_example_enc.tar", "ssl.tar.gz"), wrong),
      cannotTell,
    );
    await assert.rejects(
      decryptWhole(member("securetar_v1_raw_key.tar", "core.tar.gz"), wrong),
      cannotTell,
    );
  });
});
