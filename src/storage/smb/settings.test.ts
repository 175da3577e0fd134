import { strict as assert } from "node:assert";
import { test } from "node:test";
import { parseSmbSettings } from "./settings.ts";

const least = { host: "nas.local", share: "backup" };

test("host and share are enough", () => {
  assert.deepEqual(parseSmbSettings(least), {
    host: "nas.local",
    port: 445,
    share: "backup",
    folders: [],
    user: "",
    password: "",
    domain: "",
    minimumProtocol: "2.0",
    signing: "desired",
    encryption: "off",
  });
});

test("settings that make no sense are refused, and none of the refusals holds a password", () => {
  const wrong = [
    undefined,
    {},
    { host: "nas" },
    { share: "x" },
    { ...least, host: "nas/share" },
    { ...least, host: "\\\\nas" },
    { ...least, share: "a/b" },
    { ...least, port: 0 },
    { ...least, port: 1.5 },
    { ...least, port: "445" },
    { ...least, path: "a/../b" },
    { ...least, path: 7 },
    { ...least, password: "secret" },
    { ...least, user: "x", password: "secret\0" },
    { ...least, user: "x", password: 1234 },
    { ...least, minimumProtocol: "4.0" },
    { ...least, signing: "off" },
    { ...least, encryption: "maybe" },
    { ...least, server: "nas" },
  ];
  for (const settings of wrong)
    assert.throws(
      () => parseSmbSettings(settings),
      (error: Error & { problem?: string }) =>
        error.problem === "usage" && !error.message.includes("secret"),
      JSON.stringify(settings),
    );
});

test("SMB1 is refused with what to do instead", () => {
  for (const minimumProtocol of ["1.0", "1", 1, "SMB1", "NT1"])
    assert.throws(() => parseSmbSettings({ ...least, minimumProtocol }), {
      problem: "usage",
      advice: /vers=1\.0.*kind local/u,
    });
});

test("paths are taken with either slash", () => {
  for (const path of ["a/b c", "/a/b c/", "\\a\\b c", "a//b c"])
    assert.deepEqual(parseSmbSettings({ ...least, path }).folders, ["a", "b c"]);
});
