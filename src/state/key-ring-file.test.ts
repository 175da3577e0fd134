import { strict as assert } from "node:assert";
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, readdir, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import type { TestContext } from "node:test";
import { inspect } from "node:util";
import type { KeyRing, KeyRingChange, RingKey } from "#keys/key-ring-port.ts";
import { KeyRingFile } from "./key-ring-file.ts";
import { openState } from "./open-state.ts";

async function makeRing(context: TestContext) {
  const dataDirectory = await mkdtemp(join(tmpdir(), "safehouse-keys-"));
  const open = (home = "home"): KeyRingFile => {
    const state = openState({ dataDirectory, clock: Date, notice: assert.fail });
    context.after(() => state[Symbol.dispose]());
    return new KeyRingFile(dataDirectory, home, state);
  };
  context.after(() => rm(dataDirectory, { recursive: true }));
  return { dataDirectory, path: join(dataDirectory, "keys.json"), open };
}

function keyOf(id: string): RingKey {
  const madeAt = "2026-01-02T03:04:05.000Z";
  return { id, name: `Key ${id}`, origin: "generated", madeAt, provenAt: undefined };
}

/** Adds a key and makes it the current one. */
function adding(id: string, secret: string): (ring: KeyRing) => KeyRingChange {
  return ({ keys }) => ({
    ring: { current: id, keys: [...keys, keyOf(id)] },
    added: new Map([[id, secret]]),
  });
}

const first = "UFD2-BDZK-W62K-SMRF-AI88-6504-JXOT";
const second = "a password of another shape, ünï🙂";

test("the ring is remembered over a restart, for each home by itself", async (context) => {
  const { open, path } = await makeRing(context);
  assert.deepEqual(await open().read(), { current: undefined, keys: [] });
  await open().change(adding("000001", first));
  await open("cottage").change(adding("000001", second));
  const ring = await open().change(adding("000002", second));
  assert.deepEqual(ring, { current: "000002", keys: [keyOf("000001"), keyOf("000002")] });
  assert.deepEqual(await open().read(), ring);
  assert.equal(await open().reveal("000001"), first);
  assert.equal(await open().reveal("000002"), second);
  assert.equal(await open("cottage").reveal("000001"), second);
  await assert.rejects(open("cottage").reveal("000002"), { problem: "not-found" });
  assert.equal((await stat(path)).mode & 0o777, 0o600);
});

test("no file of the data directory shows a key", async (context) => {
  const { open, dataDirectory } = await makeRing(context);
  await open().change(adding("000001", first));
  await open().change(adding("000002", second));
  const names = await readdir(dataDirectory);
  assert.ok(names.includes("keys.json") && names.includes("safehouse.db"));
  for (const name of names) {
    const bytes = await readFile(join(dataDirectory, name));
    for (const secret of [first, second])
      for (const form of ["utf8", "base64", "hex", "utf16le"] as const)
        assert.equal(bytes.includes(Buffer.from(secret).toString(form).slice(0, 12)), false, name);
  }
  assert.doesNotMatch(inspect(open(), { depth: 9, showHidden: true }), /UFD2/);
});

test("a change that throws changes nothing, and a key that leaves takes its secret along", async (context) => {
  const { open, path } = await makeRing(context);
  await open().change(adding("000001", first));
  await open().change(adding("000002", second));
  const before = await readFile(path, "utf8");
  await assert.rejects(
    open().change(() => {
      throw new Error("no");
    }),
    /no/,
  );
  assert.equal(await readFile(path, "utf8"), before);
  await open().change(({ current, keys }) => ({ ring: { current, keys: keys.slice(1) } }));
  await assert.rejects(open().reveal("000001"), { problem: "not-found" });
  assert.equal((await readFile(path, "utf8")).match(/sealed-1:/g)?.length, 1);
});

test("whoever decides on a change can see the keys", async (context) => {
  const { open } = await makeRing(context);
  await open().change(adding("000001", first));
  const seen: string[] = [];
  await open().change((ring, reveal) => {
    seen.push(...ring.keys.map(({ id }) => reveal(id)));
    return { ring };
  });
  assert.deepEqual(seen, [first]);
});

test("a key that is put under the id or the home of another does not open", async (context) => {
  const { open, path } = await makeRing(context);
  await open().change(adding("000001", first));
  await open().change(adding("000002", second));
  const text = await readFile(path, "utf8");
  const [one = "", two = ""] = text.match(/sealed-1:[^"]+/g) ?? [];
  await writeFile(path, text.replace(one, "?").replace(two, one).replace("?", two));
  await assert.rejects(open().reveal("000001"), { problem: "damaged" });
  await writeFile(path, text.replace(`"home": {`, `"cottage": {`));
  await assert.rejects(open("cottage").reveal("000001"), { problem: "damaged" });
});

test("a damaged ring is told and never replaced", async (context) => {
  const { open, path, dataDirectory } = await makeRing(context);
  await open().change(adding("000001", first));
  const text = await readFile(path, "utf8");
  const damaged = [
    "",
    "{",
    text.slice(0, -20),
    "[]",
    `{"version":1}`,
    `{"version":1,"homes":{"home":[]}}`,
    text.replace(`"current": "000001"`, `"current": "000009"`),
    text.replace(`"current": "000001"`, `"current": 1`),
    text.replace(`"id"`, `"idea"`),
    text.replace(`"sealed"`, `"dealed"`),
    text.replace(`"generated"`, `"found"`),
    text.replace(/"keys": \[/, `"keys": [null,`),
    text.replace(/"keys": \[[^]*\]/, `"keys": {}`),
  ];
  for (const bad of damaged) {
    assert.notEqual(bad, text);
    await writeFile(path, bad);
    await assert.rejects(open().read(), { problem: "damaged" }, bad);
    await assert.rejects(open().change(adding("000003", second)), { problem: "damaged" });
    assert.equal(await readFile(path, "utf8"), bad);
  }
  assert.ok((await readdir(dataDirectory)).every((name) => !name.endsWith(".tmp")));
});

test("a ring of a newer program is left alone", async (context) => {
  const { open, path } = await makeRing(context);
  await writeFile(path, `{"version":2,"homes":{}}`);
  await assert.rejects(open().read(), { problem: "unknown-version" });
  await assert.rejects(open().change(adding("000001", first)), { problem: "unknown-version" });
});

test("what this program does not know in the file stays in it", async (context) => {
  const { open, path } = await makeRing(context);
  await open().change(adding("000001", first));
  const text = await readFile(path, "utf8");
  await writeFile(
    path,
    text.replace(`"id"`, `"later": true, "id"`).replace(`"keys"`, `"more": 1, "keys"`),
  );
  await open().change(adding("000002", second));
  const after = await readFile(path, "utf8");
  assert.match(after, /"more": 1/);
  assert.match(after, /"later": true/);
  assert.equal(await open().reveal("000001"), first);
});

test("without secret.key the ring is listed, and nothing is revealed or added", async (context) => {
  const { open, dataDirectory, path } = await makeRing(context);
  await open().change(adding("000001", first));
  await rm(join(dataDirectory, "secret.key"));
  const before = await readFile(path, "utf8");
  assert.equal((await open().read()).current, "000001");
  await assert.rejects(open().reveal("000001"), { problem: "not-found", message: /secret\.key/ });
  await assert.rejects(open().change(adding("000002", second)), { problem: "not-found" });
  assert.equal(await readFile(path, "utf8"), before);
});

/** Adds the keys that are named, in a process of its own that ends itself before the given change to the disk. */
function program(dataDirectory: string, ids: readonly string[], endBefore: number): string {
  const at = (name: string): string => JSON.stringify(import.meta.resolve(name));
  return `
    import fs from "node:fs";
    import { syncBuiltinESMExports } from "node:module";
    let left = ${endBefore};
    for (const name of ["openSync", "writeFileSync", "fsyncSync", "closeSync", "linkSync", "renameSync", "rmSync"]) {
      const real = fs[name];
      fs[name] = (...args) => {
        left -= 1;
        if (left === 0) process.kill(process.pid, "SIGKILL");
        return real(...args);
      };
    }
    syncBuiltinESMExports();
    const { openState } = await import(${at("./open-state.ts")});
    const { KeyRingFile } = await import(${at("./key-ring-file.ts")});
    const dataDirectory = ${JSON.stringify(dataDirectory)};
    using state = openState({ dataDirectory, clock: Date, notice: (text) => { throw new Error(text); } });
    const ring = new KeyRingFile(dataDirectory, "home", state);
    const key = { name: "", origin: "generated", madeAt: "2026-01-02T03:04:05.000Z", provenAt: undefined };
    for (const id of ${JSON.stringify(ids)})
      await ring.change(({ keys }) => ({
        ring: { current: id, keys: [...keys, { id, ...key }] },
        added: new Map([[id, "secret " + id]]),
      }));`;
}

test("a process that is killed between any two writes leaves a ring that opens", async (context) => {
  const ids = ["000001", "000002"];
  let kills = 0;
  for (let endBefore = 1; ; endBefore += 1) {
    const dataDirectory = await mkdtemp(join(tmpdir(), "safehouse-killed-"));
    context.after(() => rm(dataDirectory, { recursive: true }));
    const args = ["--input-type=module", "-e", program(dataDirectory, ids, endBefore)];
    const { signal, status, stderr } = spawnSync(process.execPath, args, { encoding: "utf8" });
    const state = openState({ dataDirectory, clock: Date, notice: assert.fail });
    context.after(() => state[Symbol.dispose]());
    const ring = new KeyRingFile(dataDirectory, "home", state);
    const { current, keys } = await ring.read();
    assert.deepEqual(
      keys.map(({ id }) => id),
      ids.slice(0, keys.length),
    );
    assert.equal(current, keys.at(-1)?.id);
    for (const { id } of keys) assert.equal(await ring.reveal(id), `secret ${id}`);
    await ring.change(adding("00000a", first));
    assert.equal(await ring.reveal("00000a"), first);
    if (signal === null) {
      assert.equal(status, 0, stderr);
      assert.equal(keys.length, ids.length);
      break;
    }
    assert.equal(signal, "SIGKILL");
    kills += 1;
  }
  assert.ok(kills > 15, `${kills} places to be killed at`);
});

test("no key is lost when several processes add some at once", async (context) => {
  const { open, dataDirectory } = await makeRing(context);
  const groups = ["a", "b", "c"].map((name) => [1, 2, 3, 4].map((at) => `00000${at}${name}`));
  const children = groups.map(async (ids) => {
    const args = ["--input-type=module", "-e", program(dataDirectory, ids, -1)];
    const child = spawn(process.execPath, args, { stdio: "inherit" });
    const [code] = (await once(child, "close")) as [number];
    assert.equal(code, 0);
  });
  await Promise.all(children);
  const { keys } = await open().read();
  assert.deepEqual(keys.map(({ id }) => id).sort(), groups.flat().sort());
  for (const { id } of keys) assert.equal(await open().reveal(id), `secret ${id}`);
});
