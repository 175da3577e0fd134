import assert from "node:assert/strict";
import { test } from "node:test";
import { poly1305 } from "./mac.ts";

test("Poly1305 gives the result of RFC 8439, section 2.5.2, however the text is cut", () => {
  const key = Buffer.from(
    "85d6be7857556d337f4452fe42d506a80103808afb0db2fd4abff6af4149f51b",
    "hex",
  );
  const text = Buffer.from("Cryptographic Forum Research Group");
  for (let at = 0; at <= text.length; at += 1) {
    const mac = poly1305(key, [text.subarray(0, at), text.subarray(at)]);
    assert.equal(Buffer.from(mac).toString("hex"), "a8061dc1305136c6c22b8baf0c0127a9");
  }
});
