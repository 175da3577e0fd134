import assert from "node:assert/strict";
import { test } from "node:test";
import { partName, type Part } from "../model/part.ts";
import type { PlanSelection } from "../model/plan.ts";
import { selectParts } from "./select-parts.ts";
import { uncoveredParts } from "./uncovered-parts.ts";

const home: readonly Part[] = [
  { kind: "homeassistant" },
  { kind: "addon", slug: "core_mosquitto" },
  { kind: "addon", slug: "a0d7b954_vscode" },
  { kind: "folder", name: "share" },
  { kind: "folder", name: "media" },
];
const everything: PlanSelection = { include: "everything", except: [], database: true };
const withoutMedia: PlanSelection = { ...everything, except: ["media"] };

function chosen(...include: string[]): PlanSelection {
  return { include, except: [], database: true };
}

function plan(selection: PlanSelection, changes: { enabled?: boolean; places?: number } = {}) {
  const { enabled = true, places = 1 } = changes;
  const locations = Array.from({ length: places }, (_, at) => ({
    location: `place-${at}`,
    retention: undefined,
  }));
  return { enabled, selection, locations };
}

function uncovered(...plans: ReturnType<typeof plan>[]): string[] {
  return uncoveredParts(home, plans).parts.map(partName);
}

test("everything covers an add-on that was installed later; chosen parts do not", () => {
  const later: readonly Part[] = [...home, { kind: "addon", slug: "core_matter" }];
  assert.deepEqual(uncoveredParts(later, [plan(everything)]).parts, []);
  assert.deepEqual(uncoveredParts(later, [plan(withoutMedia)]).parts.map(partName), ["media"]);
  const { parts } = uncoveredParts(later, [plan(chosen(...home.map(partName)))]);
  assert.deepEqual(parts.map(partName), ["core_matter"]);
});

test("plans cover together what none covers alone", () => {
  assert.deepEqual(uncovered(plan(withoutMedia), plan(chosen("media"))), []);
  assert.deepEqual(uncovered(plan(chosen("homeassistant")), plan(chosen("share", "media"))), [
    "core_mosquitto",
    "a0d7b954_vscode",
  ]);
});

test("a disabled plan and one without a location cover nothing", () => {
  assert.deepEqual(uncovered(), home.map(partName));
  assert.deepEqual(uncovered(plan(everything, { enabled: false })), home.map(partName));
  assert.deepEqual(uncovered(plan(everything, { places: 0 })), home.map(partName));
});

test("tells that the database is in no backup, although Home Assistant is", () => {
  const small = plan({ ...everything, database: false });
  assert.deepEqual(uncoveredParts(home, [small]), { parts: [], database: true });
  assert.equal(uncoveredParts(home, [small, plan(chosen("homeassistant"))]).database, false);
  assert.equal(uncoveredParts(home, [small, plan(chosen("media"))]).database, true);
  assert.equal(uncoveredParts(home, []).database, false);
});

test("a chosen part that is gone is named, and the others are backed up all the same", () => {
  const selected = selectParts(chosen("media", "core_gone", "homeassistant"), home);
  assert.deepEqual(selected.parts.map(partName), ["homeassistant", "media"]);
  assert.deepEqual(selected.missing, ["core_gone"]);
  assert.deepEqual(selectParts({ ...everything, except: ["core_gone"] }, home).missing, []);
});

test("there is no database without Home Assistant", () => {
  assert.equal(selectParts(chosen("media"), home).database, false);
  assert.equal(selectParts({ ...everything, except: ["homeassistant"] }, home).database, false);
});
