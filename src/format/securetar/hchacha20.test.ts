import assert from "node:assert/strict";
import { test } from "node:test";
import { hchacha20 } from "./hchacha20.ts";

test("HChaCha20 gives the result of draft-irtf-cfrg-xchacha-03, section 2.2.1", () => {
  const key = Uint8Array.from({ length: 32 }, (_, index) => index);
  const input = Buffer.from("000000090000004a0000000031415927", "hex");
  assert.equal(
    Buffer.from(hchacha20(key, input)).toString("hex"),
    "82413b4227b27bfed30e42508a877d73a0f9e4d58a74a853c12ec41326d3ecdc",
  );
});
