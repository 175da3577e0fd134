import assert from "node:assert/strict";
import { test } from "node:test";
import type { Part } from "#core/model/part.ts";
import { parseHomePlan } from "#core/plan/home-plan.ts";
import { resolveSelection } from "#core/plan/resolve-selection.ts";
import { addKey } from "#keys/add-key.ts";
import { OpenRing } from "#keys/open-ring.ts";
import { memoryKeyRing } from "#test/memory-key-ring.ts";
import { backupRequestOf, type PlanSurroundings } from "./backup-request-of.ts";

const now = Date.parse("2026-05-01T22:30:00Z");
const parts: readonly Part[] = [
  { kind: "homeassistant" },
  { kind: "addon", slug: "core_mosquitto" },
  { kind: "folder", name: "ssl" },
  { kind: "folder", name: "media" },
];

async function surroundings(changes: Partial<PlanSurroundings> = {}) {
  const store = memoryKeyRing();
  const made = { name: "First", origin: "generated", now, use: true } as const;
  const old = await addKey(store, { secret: "AAAA-old", ...made });
  const current = await addKey(store, { secret: "BBBB-new", ...made });
  const around: PlanSurroundings = {
    state: { homeassistantVersion: "2026.4.2", parts, addons: [] },
    plans: [],
    ring: new OpenRing(store),
    rules: [],
    now,
    zone: "UTC",
    hostname: "attic",
    ...changes,
  };
  return { around, old, current };
}

function plan(more: object = {}) {
  return parseHomePlan({
    id: "nightly",
    name: "Nightly",
    selection: { include: "everything" },
    schedule: { recurrence: "daily", time: "03:00", zone: "Europe/Berlin" },
    locations: [{ location: "nas", retention: { copies: 7 } }, { location: "cloud" }],
    ...more,
  });
}

function chosen(request: Parameters<typeof resolveSelection>[0], available = parts) {
  const { full, parts: found, database } = resolveSelection(request, available, "this home");
  return { full, parts: found, database };
}

test("everything is a full backup, with an add-on that came later", async () => {
  const later: Part = { kind: "addon", slug: "new_one" };
  const state = { homeassistantVersion: undefined, parts: [...parts, later], addons: [] };
  const { around } = await surroundings({ state });
  const { request, locations, plan: id, key } = await backupRequestOf(plan(), around);
  const { full, parts: found } = chosen(request.selection, state.parts);
  assert.equal(full, true);
  assert.ok(found.includes(later));
  assert.deepEqual([id, key, request.encryption], ["nightly", undefined, undefined]);
  assert.deepEqual(
    locations.map(({ location, retention }) => [location, retention?.copies]),
    [
      ["nas", 7],
      ["cloud", undefined],
    ],
  );
  assert.equal(request.verify, true);
});

test("what is excepted, and the database, stay out, and the backup is a partial one", async () => {
  const { around } = await surroundings();
  const selection = { include: "everything", except: ["media"], database: false };
  const { request } = await backupRequestOf(plan({ selection }), around);
  assert.deepEqual(chosen(request.selection), {
    full: false,
    parts: parts.filter((part) => part !== parts[3]),
    database: false,
  });
});

test("a part that the home no longer has is named, and the others are backed up", async () => {
  const { around } = await surroundings();
  const selection = { include: ["ssl", "gone_addon"] };
  const { request, missing } = await backupRequestOf(plan({ selection }), around);
  assert.deepEqual(missing, ["gone_addon"]);
  assert.deepEqual(chosen(request.selection).parts, [parts[2]]);
  await assert.rejects(backupRequestOf(plan({ selection: { include: ["gone_addon"] } }), around), {
    problem: "not-found",
    message: /nightly.*gone_addon/u,
  });
});

test("a list of all parts does not become a full backup when the home gets another one", async () => {
  const { around } = await surroundings();
  const selection = { include: ["homeassistant", "core_mosquitto", "ssl", "media"] };
  const { request } = await backupRequestOf(plan({ selection }), around);
  assert.equal(chosen(request.selection).full, false);
});

test("the name comes from the template, by the wall clock of the schedule", async () => {
  const { around } = await surroundings();
  const nameTemplate = "{plan} {type} {date} {hr24}:{min} {version_ha} {hostname}";
  const { request } = await backupRequestOf(plan({ nameTemplate }), around);
  assert.equal(request.name, "Nightly Full 2026-05-02 00:30 2026.4.2 attic");
  const onRequest = plan({ nameTemplate, schedule: null, locations: [{ location: "nas" }] });
  const asked = await backupRequestOf(onRequest, around);
  assert.equal(asked.request.name, "Nightly Full 2026-05-01 22:30 2026.4.2 attic");
});

test("a plan encrypts with its key, or with whatever key is current, so that a rotation reaches it", async () => {
  const { around, old, current } = await surroundings();
  const withOld = await backupRequestOf(plan({ encryptionKey: old.id }), around);
  assert.equal(withOld.key?.id, old.id);
  assert.equal(withOld.request.encryption?.keys, await around.ring.keysOf(old));
  const withCurrent = await backupRequestOf(plan({ encryptionKey: "current" }), around);
  assert.equal(withCurrent.key?.id, current.id);
});

test("a key that is missing is a failure and never a plain backup", async () => {
  const { around } = await surroundings();
  await assert.rejects(backupRequestOf(plan({ encryptionKey: "ffffff" }), around), {
    problem: "not-found",
    message: /nightly.*ffffff/u,
    advice: /keys import/u,
  });
  const empty = { ...around, ring: new OpenRing(memoryKeyRing()) };
  await assert.rejects(backupRequestOf(plan({ encryptionKey: "current" }), empty), {
    problem: "not-found",
    message: /current key/u,
  });
});

test("a plan without a location is refused, and what no plan covers is told", async () => {
  const { around } = await surroundings();
  await assert.rejects(backupRequestOf(plan({ locations: [] }), around), { problem: "usage" });
  const only = plan({ selection: { include: ["homeassistant"], database: false } });
  const { uncovered } = await backupRequestOf(only, { ...around, plans: [only] });
  assert.deepEqual(uncovered, { parts: parts.slice(1), database: true });
});
