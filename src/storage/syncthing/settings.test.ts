import { strict as assert } from "node:assert";
import { test } from "node:test";
import { parseSyncthingSettings } from "./settings.ts";

test("settings that are none are refused", () => {
  const good = { path: "/x", apiKey: "k" };
  for (const settings of [
    undefined,
    {},
    { path: "relative", apiKey: "k" },
    { path: "/x" },
    { ...good, apiKey: "two words" },
    { ...good, devices: 0 },
    { ...good, devices: 1.5 },
    { ...good, apiUrl: "ftp://x" },
    { ...good, apiUrl: "http://me:secret@nas:8384" },
    { ...good, certificate: "none" },
  ])
    assert.throws(() => parseSyncthingSettings(settings), { problem: "usage" });
  assert.equal(parseSyncthingSettings(good).devices, 1);
  assert.equal(parseSyncthingSettings(good).apiUrl.port, "8384");
});
