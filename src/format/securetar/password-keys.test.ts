import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { inspect } from "node:util";
import { initialisationVector } from "./aes-key.ts";
import { PasswordKeys } from "./password-keys.ts";
import { streamKeyOf } from "./secret-stream.ts";
import { subkey } from "./subkey.ts";

const bytes = (hex: string): Uint8Array => Buffer.from(hex, "hex");
const hex = (value: Uint8Array): string => Buffer.from(value).toString("hex");
const rootSalt = bytes("833979db0ad8ffe9dcbb44455565df5c");

describe("PasswordKeys", () => {
  it("derives the AES key and initialisation vector of an official v2 archive", () => {
    const key = new PasswordKeys("test").aesKey();
    assert.equal(hex(key), "f09bb91fdc2cffd578d6d68f7a192e0f");
    const iv = initialisationVector(key, bytes("e7a9f2549bc8e71ba7500f6dbb1bb96c"));
    assert.equal(hex(iv), "cace3d9ee15b33f26b28505a75ae8954");
  });

  it("derives every key of an official v3 archive", async () => {
    const rootKey = await new PasswordKeys("supervisor").rootKey(rootSalt);
    assert.equal(hex(rootKey), "a3a37dff0eb46226a6090a4a5244b5c3ca77376653af6f010b306f58f418cc57");
    assert.equal(
      hex(subkey(rootKey, bytes("0bfa202a791be303e2f2b89cdd18a307"))),
      "096362b1537fef113d9ee298c21cb69089b5657bb3bc0acf3976fcd9374c1561",
    );
    const streamKey = subkey(rootKey, bytes("8509ed0eeac1c3154a190db5e49c609e"));
    assert.equal(
      hex(streamKey),
      "8f84e6b7c9ad36a58d164baaa4f0c3a07b5f18c00cdf1a56609aeb956cf98c66",
    );
    assert.equal(
      hex(streamKeyOf(streamKey, bytes("34d91958522501506d5f77d1e5c528d49b113d9f66d195a5"))),
      "affcdb51a2a77a7bbd91b8d49c132000a0046728163e4e60e37afc5bad0b2e7b",
    );
  });

  it("shares one derivation among calls for the same salt", async () => {
    const keys = new PasswordKeys("supervisor");
    const [first, second] = await Promise.all([
      keys.rootKey(rootSalt),
      keys.rootKey(Uint8Array.from(rootSalt)),
    ]);
    assert.equal(first, second);
  });

  it("gives one key per salt and purpose, and never the root key", async () => {
    const keys = new PasswordKeys("supervisor");
    const index = await keys.deriveKey(rootSalt, "index");
    assert.equal(index.length, 32);
    assert.deepEqual(index, await new PasswordKeys("supervisor").deriveKey(rootSalt, "index"));
    assert.notDeepEqual(index, await keys.deriveKey(rootSalt, "notes"));
    assert.notDeepEqual(index, await keys.rootKey(rootSalt));
  });

  it("refuses to be made without a password", () => {
    assert.throws(() => new PasswordKeys(""), RangeError);
    assert.throws(() => new PasswordKeys("\ud800"), RangeError);
    assert.throws(() => new PasswordKeys({ aesKey: new Uint8Array(15) }), RangeError);
  });

  it("never shows the password or a key", () => {
    const keys = new PasswordKeys("open sesame");
    keys.aesKey();
    const shown = inspect(keys, { showHidden: true }) + JSON.stringify({ keys });
    assert.doesNotMatch(shown, /sesame|Uint8Array|Buffer|\d{3}/u);
  });

  it("opens nothing but v1 and v2 with a raw AES key", () => {
    const keys = new PasswordKeys({ aesKey: Buffer.from("0123456789abcdef") });
    assert.equal(Buffer.from(keys.aesKey()).toString(), "0123456789abcdef");
    assert.throws(() => keys.rootKey(rootSalt), TypeError);
  });
});
