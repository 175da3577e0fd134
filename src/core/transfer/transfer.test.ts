import assert from "node:assert/strict";
import { test } from "node:test";
import { bandwidthAt, parseBandwidth } from "./bandwidth.ts";
import { isWithin, parseHours } from "./hours.ts";

const at = (hours: number, minutes = 0): number => new Date(2026, 2, 1, hours, minutes).getTime();

test("one rate holds all day, in rclone's notation", () => {
  for (const [text, rate] of [
    ["512k", 524_288],
    ["1.5M", 1_572_864],
    ["100", 102_400],
    ["900b", 900],
    ["off", undefined],
  ] as const)
    assert.equal(bandwidthAt(parseBandwidth(text), at(3)), rate, text);
});

test("a timetable holds from each of its times to the next, and over midnight", () => {
  const table = parseBandwidth("23:00,off 08:00,512k 12:30,1M");
  assert.equal(bandwidthAt(table, at(7, 59)), undefined);
  assert.equal(bandwidthAt(table, at(8)), 524_288);
  assert.equal(bandwidthAt(table, at(12, 30)), 1_048_576);
  assert.equal(bandwidthAt(table, at(23, 59)), undefined);
});

test("hours may reach over midnight, and end before their end", () => {
  const night = parseHours("23:00-06:00");
  assert.ok(isWithin(night, at(23)) && isWithin(night, at(2)) && isWithin(night, at(5, 59)));
  assert.ok(!isWithin(night, at(6)) && !isWithin(night, at(12)));
  const twice = parseHours("01:00-02:00 13:00-14:00");
  assert.deepEqual(
    [1, 2, 13, 14].map((hour) => isWithin(twice, at(hour))),
    [true, false, true, false],
  );
});

test("what is no rate, no time and no span is refused with an example", () => {
  for (const text of ["", "fast", "0", "25:00,1M", "08:00,1M,2M", "08:00"])
    assert.throws(() => parseBandwidth(text), { problem: "usage" }, text);
  for (const text of ["", "night", "23:00", "23:00-", "1:00-2:00-3:00", "24:00-01:00"])
    assert.throws(() => parseHours(text), { problem: "usage" }, text);
});
