import { strict as assert } from "node:assert";
import { test } from "node:test";
import fc from "fast-check";
import { loops } from "#test/loops.ts";
import { isTokenText, newTokenText } from "./token-text.ts";

test("a token is known by its prefix, length and checksum", () => {
  const tokens = Array.from({ length: 200 }, () => newTokenText());
  assert.equal(new Set(tokens).size, 200);
  for (const token of tokens) {
    assert.match(token, /^sh_[0-9A-Za-z]{49}$/u);
    assert.equal(isTokenText(token), true);
  }
});

test("a character that is wrong in any place is noticed", () => {
  const changes = fc.tuple(fc.nat(51), fc.constantFrom("0", "9", "A", "Z", "a", "z", "_", " "));
  fc.assert(
    fc.property(changes, ([at, character]) => {
      const token = newTokenText();
      fc.pre(token[at] !== character);
      assert.equal(isTokenText(token.slice(0, at) + character + token.slice(at + 1)), false);
    }),
    { numRuns: loops(300) },
  );
});

test("other text is no token", () => {
  const token = newTokenText();
  for (const text of ["", "sh_", token.slice(1), `${token}0`, ` ${token}`, token.toUpperCase()])
    assert.equal(isTokenText(text), false, text);
});
