import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { parse } from "yaml";
import { loops } from "#test/loops.ts";
import { settingsYaml } from "./settings-yaml.ts";

test("any settings are the same when they are read back", () => {
  const names = fc.constantFrom("rules", "paths", "plans", "installation", "later", "1e3", "~", "");
  // JSON has no -0.
  const values = fc
    .jsonValue({ noUnicodeString: false })
    .map((value) => JSON.parse(JSON.stringify(value)) as unknown);
  fc.assert(
    fc.property(fc.dictionary(names, values), (generated) => {
      const settings = { ...generated };
      const document = { version: 1, settings, keys: undefined, secretKey: undefined } as const;
      assert.deepEqual(parse(settingsYaml(document)), { version: 1, settings });
    }),
    { numRuns: loops(200) },
  );
});

test("ids, times and passwords that look like numbers stay texts", () => {
  const keys = [
    "123456",
    "1e5432",
    "0x12ab",
    "03:00",
    "no",
    "~",
    "2026-01-01",
    "- x",
    "# y",
    " z ",
  ];
  const settings = { later: keys };
  const text = settingsYaml({ version: 1, settings, keys: undefined, secretKey: undefined });
  assert.deepEqual(parse(text), { version: 1, settings });
});
