import { strict as assert } from "node:assert";
import { test } from "node:test";
import fc from "fast-check";
import { fromRemoteName, toRemotePath } from "./remote-name.ts";

const unit = fc.oneof(
  fc.constantFrom(...Array.from("‛␀␁␊␟␡／．\n\t\x7f")),
  fc.string({ unit: "grapheme", minLength: 1, maxLength: 1 }),
);

test("every name comes back as it was, and none that rclone is given has control characters", () => {
  fc.assert(
    fc.property(fc.array(unit, { minLength: 1 }), (units) => {
      const name = units.join("").replaceAll(/[/\0]/g, "");
      const given = toRemotePath(name);
      assert.equal(fromRemoteName(given), name);
      assert.doesNotMatch(given, /\p{Cc}/u);
    }),
  );
});

test("names without oddities stay as they are", () => {
  const key = "Sicherung 1/.safehouse/100%20%#?+&'\"🏠.json";
  assert.equal(toRemotePath(key), key);
  assert.equal(fromRemoteName("Sicherung 1"), "Sicherung 1");
});
