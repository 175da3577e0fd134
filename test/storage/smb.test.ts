import { strict as assert } from "node:assert";
import { after, test } from "node:test";
import { lineFor } from "#test/places/line-for.ts";
import { freshFolder, noSamba, SambaServer } from "#test/places/samba.ts";
import { findKind } from "#storage/catalog.ts";
import { body, content, readAll, someBytes } from "#storage/contract/objects.ts";
import { stackStorage } from "#storage/stack.ts";

const { signal } = new AbortController();
const options = { skip: noSamba };
const kind = findKind("smb");
const server = noSamba ? undefined : await SambaServer.start();
after(() => server?.end());

function running(): SambaServer {
  if (server === undefined) throw new Error("No server");
  return server;
}

test("where a share is holds no secret", () => {
  const settings = { host: "nas.local", share: "backup", user: "me", password: "secret" };
  assert.equal(kind.where({ ...settings, path: "/a\\b/" }), "//nas.local/backup/a/b");
  assert.equal(kind.where({ ...settings, port: 1445 }), "//nas.local:1445/backup");
});

test("a share is set up, tried out and used by its kind alone", options, async () => {
  const settings = { ...running().settings, path: "new/folder" };
  await kind.prepare?.(settings);
  const steps = await Array.fromAsync(kind.diagnose?.(settings, signal) ?? []);
  assert.ok(steps.length > 0 && steps.every(({ ok }) => ok), JSON.stringify(steps));
  const storage = stackStorage(await kind.open(settings), {});
  await storage.write("x.tar", content("x"), signal);
  assert.equal((await readAll({ storage, signal }, "x.tar")).toString(), "x");
});

test(
  "with its layers a place gets over a connection that is cut now and then",
  options,
  async (context) => {
    const line = await lineFor(context, running().port);
    const settings = { ...running().settings, port: line.port, path: freshFolder(running()) };
    const storage = stackStorage(await kind.open(settings), {});
    const bytes = someBytes(6_000_000);
    line.passesUp = 4_000_000;
    await storage.write(
      "x.tar",
      { open: body(bytes.subarray(0, 3_500_000), bytes.subarray(3_500_000)) },
      signal,
    );
    line.cut();
    assert.equal((await storage.stat("x.tar", signal)).size, bytes.length);
    line.cut();
    assert.equal((await Array.fromAsync(storage.list("", signal))).flat().length, 1);
  },
);
