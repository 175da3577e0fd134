import assert from "node:assert/strict";
import { test } from "node:test";
import { withoutSealed, withSealedOf } from "./sealed-values.ts";

const secret = "sealed-1:AAAA";
const settings = {
  rules: ["*.mp4"],
  places: [
    { id: "nas", path: "/mnt", secrets: { password: secret, token: "sealed-1:BBBB" } },
    { id: "cloud", password: secret },
  ],
};

test("secrets are left out wherever they lie, and counted", () => {
  assert.deepEqual(withoutSealed(settings), {
    value: {
      rules: ["*.mp4"],
      places: [{ id: "nas", path: "/mnt", secrets: {} }, { id: "cloud" }],
    },
    left: 3,
  });
});

test("what was left out comes back where it belongs, by the ids of items", () => {
  const { value } = withoutSealed(settings);
  assert.deepEqual(withSealedOf(value, settings), settings);
  const turned = { places: [{ id: "cloud" }, { id: "nas", path: "/other" }, { id: "new" }] };
  assert.deepEqual(withSealedOf(turned, settings), {
    places: [
      { id: "cloud", password: secret },
      { id: "nas", path: "/other", secrets: settings.places[0]?.secrets },
      { id: "new" },
    ],
  });
});

test("a secret that is there is not replaced, and nothing that is no secret is carried over", () => {
  const present = { a: { password: secret, path: "/old" }, b: secret };
  const other = { a: { password: "sealed-1:CCCC" } };
  assert.deepEqual(withSealedOf(other, present), { ...other, b: secret });
  assert.deepEqual(withSealedOf({ a: "text" }, { a: { password: secret } }), { a: "text" });
});
