import { strict as assert } from "node:assert";
import { test } from "node:test";
import { decodeName, encodeName } from "./names.ts";
import { parseWebdavSettings } from "./settings.ts";

const url = "https://cloud.example/remote.php/dav/files/anna/Backups";

test("settings that cannot be meant are refused", () => {
  for (const settings of [
    undefined,
    {},
    { url: "cloud.example/dav" },
    { url: "ftp://cloud.example/" },
    { url: "https://anna:secret@cloud.example/" },
    { url: "https://cloud.example/?dir=x" },
    { url: "https://cloud.example/#x" },
    { url, user: "anna" },
    { url, password: "secret" },
    { url, user: "an:na", password: "secret" },
    { url, user: 5, password: "secret" },
    { url, chunking: "perhaps" },
    { url: "https://nas.example/dav", chunking: true },
    { url, certificate: "AB:CD" },
    { url, certificate: "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----" },
    { url: "http://nas.example/dav", certificate: "AB".repeat(32) },
    { url, spool: "relative/folder" },
  ]) {
    assert.throws(() => parseWebdavSettings(settings), { problem: "usage" });
  }
});

test("what is left empty is not set", () => {
  const given = { url, user: "", password: "", certificate: "", spool: "" };
  const { account, trust, spool, chunking } = parseWebdavSettings(given);
  assert.deepEqual([account, trust, spool, chunking], [undefined, undefined, undefined, undefined]);
});

test("a URL may be written as people write it", () => {
  for (const given of ["https://x.example/a b/ü/100%", "https://x.example/a%20b/%C3%BC/100%/"]) {
    assert.deepEqual(parseWebdavSettings({ url: given }).folder, ["a b", "ü", "100%"]);
  }
});

test("names that servers refuse are kept as others, and come back as they were", () => {
  const kept = encodeName("new\nline \\ \x7f");
  assert.equal(kept, "new\u240aline \uff3c \u2421");
  for (const name of [
    "plain",
    "\n",
    "\u240a",
    "\u201b",
    "\u201b\u201b",
    "\u201b\n",
    "\u201b\u240a",
    "🏠\u201bx",
    "\uff3c\\",
  ]) {
    assert.equal(decodeName(encodeName(name)), name);
  }
});
