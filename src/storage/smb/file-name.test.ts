import { strict as assert } from "node:assert";
import { test } from "node:test";
import fc from "fast-check";
import { loops } from "#test/loops.ts";
import { fileNameOf, nameOfFile } from "./file-name.ts";

test("every name comes back, and holds nothing that SMB does not allow", () => {
  const odd = fc.constantFrom(...Array.from('"*:<>?\\|. ~\n\tüa🏠'));
  const names = fc.oneof(fc.string({ unit: odd }), fc.string({ unit: "grapheme" }));
  fc.assert(
    fc.property(names, (name) => {
      fc.pre(!name.includes("\0") && !/[\uf001-\uf029]/u.test(name));
      const there = fileNameOf(name);
      assert.equal(nameOfFile(there), name);
      assert.ok(Array.from(there).every((c) => c >= " " && !'"*:<>?\\|'.includes(c)));
      assert.doesNotMatch(there, /[ .]$/u);
    }),
    { numRuns: loops(500) },
  );
});

test("two names are never the same one there", () => {
  assert.throws(() => fileNameOf("a\uf022b"), { problem: "unsupported" });
  assert.notEqual(fileNameOf("a."), fileNameOf("a"));
});
