import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { loops } from "#test/loops.ts";
import { SafehouseError } from "../model/problem.ts";
import { defaultNameTemplate, parseNameTemplate } from "./name-template.ts";
import { nameVariables, type NameFacts } from "./name-variables.ts";

const facts: NameFacts = {
  type: "full",
  plan: "Nightly",
  at: Date.parse("2026-03-08T22:05:09.007Z"),
  zone: "Europe/Berlin",
  homeassistantVersion: "2026.3.1",
  osVersion: undefined,
  supervisorVersion: "2026.02.3",
  hostname: "homeassistant",
};

function render(template: string, changes: Partial<NameFacts> = {}): string {
  return parseNameTemplate(template)({ ...facts, ...changes });
}

test("knows every variable of the Google Drive add-on, and the plan's name", () => {
  const expected = {
    type: "Full",
    plan: "Nightly",
    year: "2026",
    year_short: "26",
    month: "03",
    month_long: "March",
    month_short: "Mar",
    day: "08",
    weekday: "Sunday",
    weekday_short: "Sun",
    hr24: "23",
    hr12: "11",
    ampm: "PM",
    min: "05",
    sec: "09",
    ms: "007",
    date: "2026-03-08",
    time: "23:05:09",
    datetime: "2026-03-08 23:05:09",
    isotime: "2026-03-08T23:05:09+01:00",
    version_ha: "2026.3.1",
    version_hassos: "Unknown",
    version_super: "2026.02.3",
    hostname: "homeassistant",
  };
  const rendered = [...nameVariables.keys()].map((name) => [name, render(`{${name}}`)]);
  assert.deepEqual(Object.fromEntries(rendered), expected);
});

test("noon and midnight are 12 on a clock of twelve hours", () => {
  const clock = "{hr12}:{min} {ampm}";
  assert.equal(render(clock, { at: 0, zone: "UTC" }), "12:00 AM");
  assert.equal(render(clock, { at: Date.UTC(2026, 0, 1, 12), zone: "UTC" }), "12:00 PM");
  assert.equal(render(clock, { at: Date.UTC(2026, 0, 1, 13), zone: "UTC" }), "01:00 PM");
});

test("dates are those of the zone, not of the machine", () => {
  const at = Date.parse("2026-10-25T00:30:00Z");
  const zones = ["Europe/Berlin", "America/New_York"];
  assert.deepEqual(
    zones.map((zone) => render("{isotime}", { at, zone })),
    ["2026-10-25T02:30:00+02:00", "2026-10-24T20:30:00-04:00"],
  );
});

test("names backups as Home Assistant does unless told otherwise", () => {
  assert.equal(render(defaultNameTemplate), "Automatic backup 2026.3.1");
});

test("two braces are one", () => {
  assert.equal(render("{{{year}}} {{year}} }}{{"), "{2026} {year} }{");
});

test("an unknown variable is refused and the nearest one is named", () => {
  for (const [template, nearest] of [
    ["{yaer}", "year"],
    ["Backup {ha_version}", "version_ha"],
    ["{Month_Long}", "month_long"],
    ["{ year }", "year"],
    ["{}", "ms"],
  ] as const) {
    assert.throws(
      () => parseNameTemplate(template),
      (error) =>
        error instanceof SafehouseError &&
        error.problem === "usage" &&
        error.advice?.includes(`{${nearest}}`) === true,
      template,
    );
  }
});

test("a brace alone and a template without anything to see are refused", () => {
  for (const template of ["{year", "year}", "a { b", "", "  ", "\u0001\u202e"])
    assert.throws(() => parseNameTemplate(template), { problem: "usage" }, template);
});

test("what comes in from outside cannot make a name of two lines, reversed or endless", () => {
  assert.equal(render("{plan}", { plan: " a\nb\u0000c\u202e \t d " }), "a b c d");
  assert.equal(render("{plan}", { plan: "\u202e" }), "Backup");
  assert.equal(Array.from(render("{plan}", { plan: "🏠".repeat(300) })).length, 200);
});

test("a plan's name is never taken for a template", () => {
  assert.equal(render("{plan}", { plan: "{year} {{" }), "{year} {{");
});

test("any text is a template that gives a fit name, or a usage error", () => {
  const piece = fc.oneof(
    fc.constantFrom("{year}", "{plan}", "{{", "}}", "{", "}", "{nope}", " "),
    fc.string({ unit: "binary" }),
  );
  const texts = fc.array(piece).map((pieces) => pieces.join(""));
  fc.assert(
    fc.property(texts, fc.string({ unit: "binary" }), (template, plan) => {
      try {
        const name = render(template, { plan });
        assert.match(name, /^\S/u);
        assert.equal(name, name.trim());
        assert.ok(Array.from(name).length <= 200 && name.isWellFormed());
        assert.doesNotMatch(name, /[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]/u);
      } catch (error) {
        assert.ok(error instanceof SafehouseError && error.problem === "usage", String(error));
      }
    }),
    { numRuns: loops(500) },
  );
});
