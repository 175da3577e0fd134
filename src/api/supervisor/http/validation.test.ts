import { strict as assert } from "node:assert";
import { test } from "node:test";
import type { GenericSchema } from "valibot";
import {
  freezeRequest,
  fullBackupRequest,
  partialBackupRequest,
  partialRestoreRequest,
  removeRequest,
} from "../backups/backup-requests.ts";
import { newMountRequest, replacedMountRequest } from "../mounts/mount-request.ts";
import { readBody } from "./request-body.ts";

function read<T>(schema: GenericSchema<unknown, T>, body: unknown): Promise<T> {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  const request = new Request("http://supervisor/", { method: "POST", body: text });
  return readBody(request, schema);
}

async function refusal<T>(schema: GenericSchema<unknown, T>, body: unknown): Promise<string> {
  return read(schema, body).then(
    () => assert.fail("was accepted"),
    (error: Error) => error.message,
  );
}

test("an empty body is an object without keys", async () => {
  const request = await read(fullBackupRequest, "");
  assert.equal(request.name, "");
  assert.equal(request.compressed, true);
  assert.equal(request.background, false);
});

test("what is wrong is told in the official words", async () => {
  const cases: readonly [GenericSchema, unknown, string][] = [
    [fullBackupRequest, "{", "Invalid json"],
    [fullBackupRequest, { slug: "it's" }, `extra keys not allowed @ data['slug']. Got "it's"`],
    [fullBackupRequest, { name: 5 }, "expected str for dictionary value @ data['name']. Got 5"],
    [
      fullBackupRequest,
      { background: "maybe" },
      "expected boolean for dictionary value @ data['background']. Got 'maybe'",
    ],
    [
      freezeRequest,
      { timeout: true },
      "expected int for dictionary value @ data['timeout']. Got True",
    ],
    [
      freezeRequest,
      { timeout: 0 },
      "value must be at least 1 for dictionary value @ data['timeout']. Got 0",
    ],
    [
      partialBackupRequest[1],
      { folders: ["share", "addons"] },
      "not a valid value @ data['folders'][1]. Got 'addons'",
    ],
    [partialBackupRequest[1], { apps: ["a"] }, "extra keys not allowed @ data['apps']. Got ['a']"],
    [
      newMountRequest,
      { name: "nas", type: "nfs", usage: "backup", server: "nas" },
      "required key not provided @ data['path']. Got None",
    ],
  ];
  for (const [schema, body, words] of cases) assert.equal(await refusal(schema, body), words);
});

test("a file name cannot lead out of its folder", async () => {
  for (const filename of ["../a.tar", "a/b.tar", "a\\b.tar", "a.txt", ".tar"])
    assert.match(await refusal(fullBackupRequest, { filename }), /does not match/, filename);
});

test("null means uncompressed, and a location of null the local one", async () => {
  const request = await read(fullBackupRequest, { compressed: null, location: [null, "nas"] });
  assert.equal(request.compressed, null);
  assert.deepEqual(request.location, [".local", "nas"]);
  assert.deepEqual((await read(removeRequest, { location: "" })).location, [".local"]);
});

test("one location by two names is named twice", async () => {
  assert.match(
    await refusal(fullBackupRequest, { location: [null, ".local"] }),
    /^contains duplicate items/,
  );
});

test("booleans come in the usual words", async () => {
  for (const word of ["yes", "ON", 1, "true"])
    assert.equal((await read(fullBackupRequest, { background: word })).background, true);
  for (const word of ["no", "Off", 0, "false"])
    assert.equal((await read(fullBackupRequest, { background: word })).background, false);
});

test("Home Assistant was one of the folders once, and the first version still takes it", async () => {
  const { parts } = await read(partialRestoreRequest[1], { folders: ["homeassistant", "ssl"] });
  assert.deepEqual(parts, { homeassistant: true, addons: [], folders: ["ssl"] });
  assert.match(
    await refusal(partialRestoreRequest[2], { folders: ["homeassistant"] }),
    /not a valid/,
  );
});

test("the second version calls add-ons apps", async () => {
  const { parts } = await read(partialBackupRequest[2], { apps: "ALL" });
  assert.deepEqual(parts, { homeassistant: false, addons: "ALL", folders: [] });
});

test("a partial request about nothing is not one about everything", async () => {
  for (const version of [1, 2] as const)
    assert.match(await refusal(partialBackupRequest[version], {}), /^Nothing was chosen/);
  assert.match(await refusal(partialRestoreRequest[1], { homeassistant: false }), /^Nothing was/);
});

const nas = { name: "nas", type: "cifs", usage: "backup", server: "10.0.0.2", share: "backups" };

test("keys of mounts that nobody knows are dropped, as clients send answers back", async () => {
  const answer = { ...nas, state: "active", user_path: null, version: null };
  assert.deepEqual(await read(newMountRequest, answer), {
    name: "nas",
    type: "cifs",
    server: "10.0.0.2",
    port: undefined,
    share: "backups",
    version: undefined,
    login: undefined,
  });
});

test("mounts for media and shares are not supported, and those for backups are writable", async () => {
  for (const usage of ["media", "share"])
    assert.equal(
      await refusal(newMountRequest, { ...nas, usage }),
      "'MountManager.create_mount' blocked from execution, mounting not supported on system",
    );
  assert.equal(
    await refusal(newMountRequest, { ...nas, read_only: true }),
    "Backup mounts cannot be read only",
  );
});

test("a user needs a password, and a password a user", async () => {
  assert.match(await refusal(newMountRequest, { ...nas, username: "u" }), /'basic_auth'/);
  const wish = await read(newMountRequest, { ...nas, username: "u", password: "p,=" });
  assert.ok(wish.type === "cifs");
  assert.deepEqual(wish.login, { user: "u", password: "p,=" });
});

test("a mount that is replaced takes its name from the path", async () => {
  const { name, ...unnamed } = nas;
  assert.equal((await read(replacedMountRequest(name), unnamed)).name, "nas");
});
