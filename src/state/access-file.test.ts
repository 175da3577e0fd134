import { strict as assert } from "node:assert";
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, readdir, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import type { TestContext } from "node:test";
import type { AccessRecord, StoredSession, StoredToken } from "#access/access-port.ts";
import { AccessFile } from "./access-file.ts";
import { openState } from "./open-state.ts";

async function makeAccess(context: TestContext) {
  const dataDirectory = await mkdtemp(join(tmpdir(), "safehouse-access-"));
  const open = (home = "home"): AccessFile => {
    const state = openState({ dataDirectory, clock: Date, notice: assert.fail });
    context.after(() => state[Symbol.dispose]());
    return new AccessFile(dataDirectory, home, state);
  };
  context.after(() => rm(dataDirectory, { recursive: true }));
  return { dataDirectory, path: join(dataDirectory, "access.json"), open };
}

const at = "2026-01-02T03:04:05.000Z";

function tokenOf(id: string): StoredToken {
  const times = { madeAt: at, lastUsedAt: undefined, expiresAt: undefined };
  return { id, name: `Token ${id}`, scope: "backup", hash: "0a".repeat(32), ...times };
}

const session: StoredSession = {
  id: "5e55",
  kind: "signed-in",
  hash: "0b".repeat(32),
  madeAt: at,
  lastUsedAt: at,
  expiresAt: at,
  userAgent: "Browser",
  address: undefined,
};

const empty: AccessRecord = {
  password: undefined,
  environmentPassword: undefined,
  setUp: undefined,
  sessions: [],
  tokens: [],
};

const full: AccessRecord = {
  password: { hash: "$argon2id$one", setAt: at },
  environmentPassword: { hash: "$argon2id$two", setAt: at },
  setUp: { hash: "0c".repeat(32), madeAt: at },
  sessions: [session],
  tokens: [tokenOf("1"), tokenOf("2")],
};

test("who may come in is remembered over a restart, for each home by itself", async (context) => {
  const { open, path } = await makeAccess(context);
  assert.deepEqual(await open().read(), empty);
  assert.deepEqual(await open().change(() => full), full);
  await open("cottage").change((record) => ({ ...record, tokens: [tokenOf("3")] }));
  assert.deepEqual(await open().read(), full);
  assert.deepEqual(await open("cottage").read(), { ...empty, tokens: [tokenOf("3")] });
  assert.equal((await stat(path)).mode & 0o777, 0o600);
});

test("what another process changes counts from the next reading on", async (context) => {
  const { open } = await makeAccess(context);
  const server = open();
  const command = open();
  assert.deepEqual(await server.read(), empty);
  await command.change(() => full);
  assert.deepEqual(await server.read(), full);
  for (let count = 0; count < 50; count += 1) {
    await command.change(() => (count % 2 === 0 ? { ...full, tokens: [tokenOf("1")] } : full));
    assert.equal((await server.read()).tokens.length, count % 2 === 0 ? 1 : 2);
  }
});

test("reading does not open the file again while nothing changes", async (context) => {
  const { open } = await makeAccess(context);
  const access = open();
  await access.change(() => full);
  assert.equal(await access.read(), await access.read());
});

test("a change that throws, or changes nothing, leaves the file alone", async (context) => {
  const { open, path } = await makeAccess(context);
  await open().change(() => full);
  const { ino } = await stat(path);
  const failing = open().change(() => {
    throw new Error("no");
  });
  await assert.rejects(failing, /no/u);
  await open().change((record) => record);
  assert.equal((await stat(path)).ino, ino);
});

test("a damaged file is told and never replaced: an empty one would let anybody in", async (context) => {
  const { open, path, dataDirectory } = await makeAccess(context);
  await open().change(() => full);
  const text = await readFile(path, "utf8");
  const damaged = [
    "",
    "{",
    text.slice(0, -20),
    "[]",
    `{"version":1}`,
    `{"version":1,"homes":{"home":[]}}`,
    text.replace(/"password": \{/u, `"password": null, "x": {`),
    text.replace(`"hash": "$argon2id$one"`, `"hash": 1`),
    text.replace(`"backup"`, `"everything"`),
    text.replace(`"signed-in"`, `"signed-up"`),
    text.replace("0a0a", "0a"),
    text.replace(`"expiresAt": "${at}"`, `"expiresAt": "never"`),
    text.replace(`"id": "2"`, `"id": "1"`),
    text.replace(/"tokens": \[/u, `"tokens": [null,`),
    text.replace(/"sessions": \[[^\]]*\]/u, `"sessions": {}`),
  ];
  for (const bad of damaged) {
    assert.notEqual(bad, text);
    await writeFile(path, bad);
    await assert.rejects(open().read(), { problem: "damaged" }, bad);
    await assert.rejects(
      open().change(() => full),
      { problem: "damaged" },
    );
    assert.equal(await readFile(path, "utf8"), bad);
  }
  assert.ok((await readdir(dataDirectory)).every((name) => !name.endsWith(".tmp")));
});

test("a file of a newer program is left alone, and what this one does not know stays", async (context) => {
  const { open, path } = await makeAccess(context);
  await open().change(() => full);
  const text = await readFile(path, "utf8");
  await writeFile(path, text.replace(`"version": 1`, `"version": 2`));
  await assert.rejects(
    open().change(() => full),
    { problem: "unknown-version" },
  );
  const more = text.replace(`"id": "2"`, `"later": true, "id": "2"`);
  await writeFile(path, more.replace(`"tokens"`, `"users": [], "tokens"`));
  await open().change((record) => ({ ...record, password: undefined }));
  const after = await readFile(path, "utf8");
  assert.match(after, /"later": true/u);
  assert.match(after, /"users": \[\]/u);
  assert.doesNotMatch(after, /\$argon2id\$one/u);
});

/**
 * Adds the tokens that are named, in a process of its own that ends itself before the given change to the disk.
 */
function program(dataDirectory: string, ids: readonly string[], endBefore: number): string {
  const address = (name: string): string => JSON.stringify(import.meta.resolve(name));
  return `
    import fs from "node:fs";
    import { syncBuiltinESMExports } from "node:module";
    let left = ${endBefore};
    for (const name of ["openSync", "writeFileSync", "fsyncSync", "closeSync", "renameSync", "rmSync"]) {
      const real = fs[name];
      fs[name] = (...args) => {
        left -= 1;
        if (left === 0) process.kill(process.pid, "SIGKILL");
        return real(...args);
      };
    }
    syncBuiltinESMExports();
    const { openState } = await import(${address("./open-state.ts")});
    const { AccessFile } = await import(${address("./access-file.ts")});
    const dataDirectory = ${JSON.stringify(dataDirectory)};
    using state = openState({ dataDirectory, clock: Date, notice: (text) => { throw new Error(text); } });
    const access = new AccessFile(dataDirectory, "home", state);
    const token = ${JSON.stringify(tokenOf("x"))};
    for (const id of ${JSON.stringify(ids)})
      await access.change((record) => ({ ...record, tokens: [...record.tokens, { ...token, id }] }));`;
}

test("a process that is killed between any two writes leaves a record that can be read", async (context) => {
  const ids = ["1", "2"];
  let kills = 0;
  for (let endBefore = 1; ; endBefore += 1) {
    const { dataDirectory, open } = await makeAccess(context);
    const args = ["--input-type=module", "-e", program(dataDirectory, ids, endBefore)];
    const { signal, status, stderr } = spawnSync(process.execPath, args, { encoding: "utf8" });
    const { tokens } = await open().read();
    assert.deepEqual(
      tokens.map(({ id }) => id),
      ids.slice(0, tokens.length),
    );
    await open().change((record) => ({ ...record, tokens: [...record.tokens, tokenOf("later")] }));
    if (signal === null) {
      assert.equal(status, 0, stderr);
      assert.equal(tokens.length, ids.length);
      break;
    }
    assert.equal(signal, "SIGKILL");
    kills += 1;
  }
  assert.ok(kills > 10, `${kills} places to be killed at`);
});

test("no token is lost when several processes add some at once", async (context) => {
  const { open, dataDirectory } = await makeAccess(context);
  const groups = ["a", "b", "c"].map((name) => [1, 2, 3, 4].map((number) => `${number}${name}`));
  const children = groups.map(async (ids) => {
    const args = ["--input-type=module", "-e", program(dataDirectory, ids, -1)];
    const child = spawn(process.execPath, args, { stdio: "inherit" });
    assert.deepEqual(await once(child, "close"), [0, null]);
  });
  await Promise.all(children);
  const { tokens } = await open().read();
  assert.deepEqual(tokens.map(({ id }) => id).toSorted(), groups.flat().toSorted());
});
