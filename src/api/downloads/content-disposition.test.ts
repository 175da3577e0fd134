import { strict as assert } from "node:assert";
import { test } from "node:test";
import fc from "fast-check";
import { attachmentNamed } from "./content-disposition.ts";

test("a plain name stands as it is", () => {
  assert.equal(attachmentNamed("a b.tar"), `attachment; filename="a b.tar"`);
});

test("other names stand encoded too", () => {
  assert.equal(
    attachmentNamed(`Grüße "1"'.tar`),
    `attachment; filename="Gr__e _1_'.tar"; filename*=UTF-8''Gr%C3%BC%C3%9Fe%20%221%22%27.tar`,
  );
});

test("no name breaks the header, and all that can be written comes back", () => {
  const anyText = fc.array(fc.nat(0x10ffff)).map((points) => String.fromCodePoint(...points));
  fc.assert(
    fc.property(anyText, (name) => {
      const value = attachmentNamed(name);
      assert.equal(new Headers({ "Content-Disposition": value }).get("Content-Disposition"), value);
      assert.match(value, /^attachment; filename="[^"\\]*"(?:; filename\*=UTF-8''[-\w.!~%]*)?$/);
      const encoded = /UTF-8''(.*)$/.exec(value)?.[1];
      const clean = name.toWellFormed().replace(/\p{Cc}/gu, "_");
      if (encoded !== undefined) assert.equal(decodeURIComponent(encoded), clean);
    }),
  );
});
