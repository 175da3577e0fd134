import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { parseNameTemplate } from "#core/plan/name-template.ts";
import { nameVariables } from "#core/plan/name-variables.ts";
import { parseHomePlan } from "#core/plan/home-plan.ts";

const page = readFileSync(new URL("../docs/plans.md", import.meta.url), "utf8");

test("the plan on the page is a plan", () => {
  const [, json = ""] = /```json\n(.*?)```/su.exec(page) ?? [];
  const plan = parseHomePlan(JSON.parse(json));
  assert.equal(plan.id, "nightly");
  assert.equal(plan.locations[0]?.retention?.generations.daily, 14);
});

test("the page has every variable of names, with the example that comes out", () => {
  const facts = {
    type: "full" as const,
    plan: "Nightly",
    at: Date.parse("2026-03-08T22:05:09.007Z"),
    zone: "Europe/Berlin",
    homeassistantVersion: "2026.3.1",
    osVersion: "17.1",
    supervisorVersion: "2026.02.3",
    hostname: "homeassistant",
  };
  const shown = page.split("\n").flatMap((line) => {
    const [, left, , right] = line.split("|");
    if (left === undefined || right === undefined || !/^ `\{\w+\}`/u.test(left)) return [];
    const examples = quoted(right);
    return quoted(left).map((variable, at) => [variable, examples[at]] as const);
  });
  assert.deepEqual(
    shown.map(([variable]) => variable).toSorted(),
    [...nameVariables.keys()].map((name) => `{${name}}`).toSorted(),
  );
  for (const [variable, example] of shown)
    assert.equal(parseNameTemplate(variable)(facts), example, variable);
});

function quoted(text: string): string[] {
  return Array.from(text.matchAll(/`([^`]+)`/gu), ([, inner = ""]) => inner);
}
