import { strict as assert } from "node:assert";
import { test } from "node:test";
import fc from "fast-check";
import type { LocationList, LocationRecord } from "../model/location.ts";
import { addLocation, removeLocation, replaceLocation, useAsDefault } from "./change-locations.ts";
import { findLocation } from "./find-location.ts";
import { parseLocation, parseLocations } from "./parse-location.ts";
import { plansAt } from "./plans-at.ts";

const backup: LocationRecord = {
  id: "backup",
  name: "Backup",
  kind: "local",
  settings: { path: "/data/backup" },
  secrets: {},
  marker: undefined,
};
const nas: LocationRecord = {
  id: "nas",
  name: "NAS",
  kind: "share",
  settings: { host: "nas", port: 445, encrypted: true },
  secrets: { password: "sealed-1:abc" },
  marker: "c0ffee",
};
const list: LocationList = { locations: [backup, nas], defaultId: "backup" };

test("a location is read as it was written", () => {
  const id = fc.stringMatching(/^[a-z0-9][a-z0-9_-]{0,63}$/);
  const value = fc.oneof(fc.string(), fc.integer(), fc.boolean());
  const text = fc.stringMatching(/^[!-~]+$/);
  const location = fc.record({
    id,
    name: text,
    kind: text,
    settings: fc.dictionary(text, value),
    secrets: fc.dictionary(text, text),
    marker: fc.option(text, { nil: undefined }),
  });
  fc.assert(
    fc.property(location, (written) => {
      const stored: unknown = JSON.parse(JSON.stringify(written));
      assert.deepEqual(JSON.stringify(parseLocation(stored, "location")), JSON.stringify(written));
    }),
  );
});

test("a location needs no more than id and kind", () => {
  const read = parseLocation({ id: "nas", kind: "share" }, "location");
  assert.deepEqual(read, { ...nas, name: "nas", settings: {}, secrets: {}, marker: undefined });
});

for (const [what, value, field] of [
  ["an id that is a path", { id: "mnt/nas", kind: "share" }, "locations[0].id"],
  ["an id in capitals", { id: "NAS", kind: "share" }, "locations[0].id"],
  ["no kind", { id: "nas" }, "locations[0].kind"],
  ["a setting that is a list", { id: "nas", kind: "x", settings: { a: [] } }, "settings.a"],
  ["a secret that is no text", { id: "nas", kind: "x", secrets: { a: 1 } }, "secrets.a"],
  ["a misspelt field", { id: "nas", kind: "x", setings: {} }, "setings"],
] as const) {
  test(`${what} is refused, and the field named`, () => {
    assert.throws(
      () => parseLocations([value]),
      (error: { problem: string; subject: string }) =>
        error.problem === "usage" && error.subject.endsWith(field),
    );
  });
}

test("two locations of one id are refused", () => {
  assert.throws(() => parseLocations([nas, nas]), { subject: "settings.locations[1].id" });
  assert.deepEqual(parseLocations(undefined), []);
});

test("an unknown location is told with the one that was meant", () => {
  assert.throws(() => findLocation(list, "nass"), {
    problem: "not-found",
    advice: /Did you mean nas\?/,
  });
});

test("an id is given once, and a place too", () => {
  const other = { ...nas, id: "other", marker: "bad" };
  assert.deepEqual(addLocation(list, other).locations, [backup, nas, other]);
  assert.throws(() => addLocation(list, { ...other, id: "nas" }), { problem: "already-exists" });
  assert.throws(() => addLocation(list, { ...other, marker: "c0ffee" }), /location nas "NAS"/);
  assert.throws(() => replaceLocation(list, { ...backup, marker: "c0ffee" }), {
    problem: "already-exists",
  });
  assert.deepEqual(replaceLocation(list, { ...nas, name: "X" }).locations[1]?.name, "X");
});

test("there is always a location to back up to", () => {
  assert.throws(() => removeLocation(list, "backup", []), /there is always one/);
  const moved = useAsDefault(list, "nas");
  assert.equal(moved.defaultId, "nas");
  assert.throws(() => removeLocation(moved, "nas", []), /it is the default one/);
  assert.throws(() => useAsDefault(list, "nope"), { problem: "not-found" });
  assert.deepEqual(removeLocation(list, "nas", []).locations, [backup]);
});

test("a location that a plan names is not removed", () => {
  const plans = [
    { id: "nightly", name: "Nightly", locations: [{ location: "nas" }] },
    { id: "weekly", locations: [{ location: "backup" }, { location: "nas" }] },
    { id: "other", locations: [{ location: "elsewhere" }] },
    { id: "half", locations: "nas" },
    "nonsense",
  ];
  assert.deepEqual(plansAt(plans, "nas"), ["Nightly", "weekly"]);
  assert.deepEqual(plansAt(undefined, "nas"), []);
  assert.throws(() => removeLocation(list, "nas", plansAt(plans, "nas")), {
    problem: "usage",
    message: /plans Nightly, weekly name it/,
  });
});
