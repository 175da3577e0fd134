import assert from "node:assert/strict";
import { createCipheriv } from "node:crypto";
import { test } from "node:test";
import { ContentTag } from "./content-tag.ts";

const key = Uint8Array.from({ length: 32 }, (_, at) => at);
const content = new TextEncoder().encode("default_config:\n");

function tagOf(tag: ContentTag, offset: number, pieces: readonly Uint8Array[]): string {
  tag.begin(offset);
  for (const piece of pieces) tag.update(piece);
  return tag.end();
}

test("a tag is that of RFC 8439, section 2.6: its key is the cipher's first block", () => {
  const nonce = Buffer.from("010000000002000000000000", "hex");
  // The tag of an AEAD without ciphertext is Poly1305 over the additional data, padded, and two lengths.
  const aead = createCipheriv("chacha20-poly1305", key, nonce, { authTagLength: 16 });
  aead.setAAD(Buffer.from("0123456789abcdef"));
  aead.final();
  const lengths = Buffer.from("10000000000000000000000000000000", "hex");
  const message = Buffer.concat([Buffer.from("0123456789abcdef"), lengths]);
  assert.equal(tagOf(new ContentTag(key, 1), 512, [message]), aead.getAuthTag().toString("base64"));
});

test("content comes in pieces of any size, one file after the other", () => {
  const tag = new ContentTag(key, 0);
  const whole = tagOf(tag, 512, [content]);
  assert.equal(tagOf(tag, 512, [content.subarray(0, 5), content.subarray(5)]), whole);
  assert.equal(
    tagOf(
      tag,
      512,
      [...content].map((byte) => Uint8Array.of(byte)),
    ),
    whole,
  );
});

test("another content, place, inner archive or key gives another tag", () => {
  const changed = Uint8Array.from(content, (byte, at) => (at === 3 ? byte ^ 1 : byte));
  const tags = [
    tagOf(new ContentTag(key, 0), 512, [content]),
    tagOf(new ContentTag(key, 0), 512, [changed]),
    tagOf(new ContentTag(key, 0), 1024, [content]),
    tagOf(new ContentTag(key, 1), 512, [content]),
    tagOf(new ContentTag(key.toReversed(), 0), 512, [content]),
    tagOf(new ContentTag(key, 0), 512, []),
  ];
  assert.equal(new Set(tags).size, tags.length);
});
