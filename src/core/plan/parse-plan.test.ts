import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { loops } from "#test/loops.ts";
import { refuse } from "../json-fields.ts";
import { SafehouseError } from "../model/problem.ts";
import { parsePlan } from "./parse-plan.ts";

/** Stands for a rule that keeps so many copies. */
function readCopies(value: unknown, path: string): number {
  return typeof value === "number" && value > 0 ? value : refuse(path, "a number above 0");
}

const least = { id: "nightly", name: "Nightly", selection: { include: "everything" } };

test("fills in what the least plan leaves out", () => {
  assert.deepEqual(parsePlan(least, readCopies), {
    id: "nightly",
    name: "Nightly",
    enabled: true,
    selection: { include: "everything", except: [], database: true },
    schedule: undefined,
    catchUp: true,
    locations: [],
    nameTemplate: "Automatic backup {version_ha}",
    encryptionKey: undefined,
    verify: true,
  });
});

test("reads a plan with everything in it, and again what it wrote itself", () => {
  const full = {
    id: "weekly-2",
    name: "Weekly",
    enabled: false,
    selection: {
      include: ["homeassistant", "addons/local", "a0d7b954_vscode"],
      except: [],
      database: false,
    },
    schedule: {
      recurrence: "weekdays",
      days: ["sun"],
      time: "system-optimal",
      zone: "America/New_York",
      jitterMinutes: 15,
    },
    catchUp: false,
    locations: [
      { location: "nas", retention: 5 },
      { location: "cloud", retention: undefined },
    ],
    nameTemplate: "{plan} {date}",
    encryptionKey: "key-1",
    verify: false,
  };
  const plan = parsePlan(full, readCopies);
  assert.deepEqual(plan, full);
  assert.deepEqual(parsePlan(JSON.parse(JSON.stringify(plan)), readCopies), full);
});

test("takes null for absent, and the newer spelling of the local add-ons folder", () => {
  const plan = parsePlan(
    {
      ...least,
      schedule: null,
      encryptionKey: null,
      selection: { include: "everything", except: ["apps/local"], database: null },
    },
    readCopies,
  );
  assert.equal(plan.schedule, undefined);
  assert.equal(plan.encryptionKey, undefined);
  assert.deepEqual(plan.selection.except, ["addons/local"]);
});

const wrong: readonly (readonly [subject: string, change: Readonly<Record<string, unknown>>])[] = [
  ["plan.id", { id: undefined }],
  ["plan.id", { id: "Nightly" }],
  ["plan.id", { id: "../etc" }],
  ["plan.id", { id: "a".repeat(65) }],
  ["plan.name", { name: "  " }],
  ["plan.name", { name: 1 }],
  ["plan.enabled", { enabled: "yes" }],
  ["plan.selection", { selection: undefined }],
  ["plan.selection.include", { selection: {} }],
  ["plan.selection.include", { selection: { include: [] } }],
  ["plan.selection.include", { selection: { include: "all" } }],
  ["plan.selection.include[1]", { selection: { include: ["ssl", "addons/other"] } }],
  ["plan.selection.except", { selection: { include: ["ssl"], except: ["media"] } }],
  ["plan.selection.except", { selection: { include: "everything", except: "media" } }],
  ["plan.schedule.time", { schedule: { recurrence: "daily", time: "25:00", zone: "UTC" } }],
  ["plan.shedule", { shedule: { recurrence: "daily", time: "04:45", zone: "UTC" } }],
  ["plan.locations", { locations: "nas" }],
  ["plan.locations[0].location", { locations: [{ retention: 3 }] }],
  [
    "plan.locations[1].retention",
    { locations: [{ location: "a" }, { location: "b", retention: 0 }] },
  ],
  ["plan.locations[1].location", { locations: [{ location: "a" }, { location: "a" }] }],
  ["plan.encryptionKey", { encryptionKey: "" }],
  ["yaer", { nameTemplate: "{yaer}" }],
];

for (const [subject, change] of wrong) {
  test(`refuses ${JSON.stringify(change)} and names ${subject}`, () => {
    assert.throws(() => parsePlan({ ...least, ...change }, readCopies), {
      problem: "usage",
      subject,
    });
  });
}

test("a misspelt field would leave a plan without its schedule, so it is refused with what was meant", () => {
  assert.throws(() => parsePlan({ ...least, shedule: {} }, readCopies), {
    message: 'plan has no field "shedule"',
    advice: /^Did you mean schedule\?/u,
  });
});

test("no value does anything but give a plan or a usage error", () => {
  const fields = fc.record(
    {
      id: fc.oneof(fc.constant("a"), fc.jsonValue()),
      name: fc.oneof(fc.constant("a"), fc.jsonValue()),
      selection: fc.oneof(fc.constant(least.selection), fc.jsonValue()),
      schedule: fc.jsonValue(),
      locations: fc.jsonValue(),
      nameTemplate: fc.jsonValue(),
    },
    { requiredKeys: ["id", "name", "selection"] },
  );
  fc.assert(
    fc.property(fc.oneof(fields, fc.jsonValue()), (value) => {
      try {
        parsePlan(value, readCopies);
      } catch (error) {
        assert.ok(error instanceof SafehouseError && error.problem === "usage", String(error));
      }
    }),
    { numRuns: loops(500) },
  );
});
