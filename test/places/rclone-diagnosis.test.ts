import { strict as assert } from "node:assert";
import { readdir } from "node:fs/promises";
import { after, test } from "node:test";
import { RcloneBench, absentRclone, obscured, servedPassword } from "#test/places/rclone.ts";
import { findKind } from "#storage/catalog.ts";
import type { PlaceSettings } from "#storage/catalog.ts";

const { signal } = new AbortController();
const skip = await absentRclone();
const bench = await RcloneBench.make();
after(() => bench.end());
const kind = findKind("rclone");

async function diagnosed(settings: PlaceSettings) {
  const steps = await Array.fromAsync(kind.diagnose?.(settings, signal) ?? []);
  const failed = steps.filter(({ ok }) => !ok);
  assert.ok(failed.length <= 1 && (failed.length === 0 || steps.at(-1) === failed[0]));
  return { subjects: steps.map(({ subject }) => subject), failed: failed[0] };
}

test("a place that is well passes every step and keeps nothing of them", { skip }, async () => {
  const path = `${await bench.newFolder()}/made at set-up`;
  const settings = { remote: `:local:${path}` };
  assert.equal(kind.where(settings), `:local:${path}`);
  assert.equal((await diagnosed(settings)).failed?.subject, "path");
  await kind.prepare?.(settings);
  const { subjects, failed } = await diagnosed(settings);
  assert.equal(failed, undefined);
  assert.deepEqual(subjects, ["program", "sign-in", "path", "permission", "space"]);
  assert.deepEqual(await readdir(path), []);
});

test("each cause is found at its step, with an advice", { skip }, async () => {
  const server = await bench.serve("webdav", await bench.newFolder());
  const url = `http://127.0.0.1:${server.port}`;
  const dav = async (to: string, password: string) =>
    ({
      type: "webdav",
      vendor: "other",
      user: "me",
      url: to,
      pass: await obscured(password),
    }) as const;
  const config = await bench.config({
    wrong: await dav(url, "wrong"),
    missing: await dav(`${url}/no/such/folder`, servedPassword),
    refused: await dav("http://127.0.0.1:1", servedPassword),
    ssh: { type: "sftp", host: "127.0.0.1", port: "1", user: "me" },
  });
  for (const [remote, subject, message] of [
    ["unknown:", "sign-in", /no such remote/],
    ["wrong:", "sign-in", /does not accept the sign-in/],
    ["missing:", "path", /missing: is not there/],
    ["refused:", "port", /cannot be reached/],
    ["ssh:", "port", /cannot be reached/],
  ] as const) {
    const { failed } = await diagnosed({ remote, config });
    assert.equal(failed?.subject, subject, `${remote} ${failed?.message}`);
    assert.match(failed?.message ?? "", message);
    assert.notEqual(failed?.advice, undefined);
  }
});

test("a place that may not be written to fails at its permission", { skip }, async () => {
  const { port } = await bench.serve("webdav", await bench.newFolder(), { readOnly: true });
  const url = `http://127.0.0.1:${port}`;
  const pass = await obscured(servedPassword);
  const config = await bench.config({
    dav: { type: "webdav", vendor: "other", user: "me", url, pass },
  });
  const { failed } = await diagnosed({ remote: "dav:", config });
  assert.equal(failed?.subject, "permission");
});
