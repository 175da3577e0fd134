import { strict as assert } from "node:assert";
import { readdirSync } from "node:fs";
import { after, before, describe, test } from "node:test";
import { noSamba, SambaServer, sambaUser } from "#test/places/samba.ts";
import { ProductHome } from "#test/supervisor/product-home.ts";
import { serveSupervisor, type SupervisorServer } from "#test/supervisor/serve-supervisor.ts";

/** `/mounts` with a real share behind it; each test begins with what the last one left. */
describe("a mounted share", { skip: noSamba }, () => {
  let home: ProductHome;
  let server: SupervisorServer;
  let samba: SambaServer;

  before(async () => {
    samba = await SambaServer.start();
    home = await ProductHome.open();
    server = await serveSupervisor(home);
  });

  after(async () => {
    assert.deepEqual(server.faults, []);
    await server[Symbol.asyncDispose]();
    await home[Symbol.asyncDispose]();
    await samba.end();
  });

  const wish = (more: Readonly<Record<string, unknown>> = {}) => ({
    usage: "backup",
    type: "cifs",
    server: samba.host,
    port: samba.port,
    share: "data/of home assistant",
    username: sambaUser.user,
    password: sambaUser.password,
    ...more,
  });

  const archives = (): readonly string[] =>
    readdirSync(`${samba.data}/of home assistant`).filter((name) => name.endsWith(".tar"));

  async function mounts() {
    const { data } = await server.call("GET", "/mounts");
    const listed = data["mounts"] as readonly Readonly<Record<string, unknown>>[];
    const states = listed.map(({ name, state, share }) => [name, state, share]);
    return { default: data["default_backup_mount"], states };
  }

  async function makeBackup(name: string, body: Readonly<Record<string, unknown>> = {}) {
    const request = { name, homeassistant: false, folders: ["ssl"], ...body };
    const made = await server.call("POST", "/backups/new/partial", request);
    assert.equal(made.result, "ok", String(made.message));
    return String(made.data["slug"]);
  }

  async function locationsOf(slug: string): Promise<unknown> {
    return (await server.call("GET", `/backups/${slug}/info`)).data["locations"];
  }

  test("with a wrong password is refused in words, and is not kept", async () => {
    const added = await server.call("POST", "/mounts", {
      name: "cabin",
      ...wish({ password: "wrong" }),
    });
    assert.equal(added.status, 400);
    assert.match(String(added.message), /cabin.*(password|sign)/i);
    assert.deepEqual(await mounts(), { default: null, states: [] });
  });

  test("takes new backups from then on, as the first one does", async () => {
    const added = await server.call("POST", "/mounts", { name: "cabin", ...wish() });
    assert.equal(added.result, "ok", String(added.message));
    const states = [["cabin", "active", "data/of home assistant"]];
    assert.deepEqual(await mounts(), { default: "cabin", states });
    const slug = await makeBackup("To the NAS");
    assert.equal(archives().length, 1);
    assert.deepEqual(await locationsOf(slug), ["cabin"]);
  });

  test("is told as failed while its server is away, and works again when that is back", async () => {
    await samba.stop();
    const refused = await server.call("POST", "/mounts/cabin/reload");
    assert.equal(refused.status, 400);
    assert.deepEqual((await mounts()).states[0]?.[1], "failed");
    await samba.begin();
    assert.equal((await server.call("POST", "/mounts/cabin/reload")).result, "ok");
    assert.deepEqual((await mounts()).states[0]?.[1], "active");
  });

  test("is changed to another folder, and a change that does not work is not made", async () => {
    const put = (more: Readonly<Record<string, unknown>>) =>
      server.call("PUT", "/mounts/cabin", { name: "cabin", ...wish(more) });
    assert.equal((await put({ share: "nowhere" })).status, 400);
    assert.deepEqual((await mounts()).states[0]?.[2], "data/of home assistant");
    const moved = await put({ share: "data/elsewhere" });
    assert.equal(moved.result, "ok", String(moved.message));
    assert.deepEqual((await mounts()).states[0]?.[2], "data/elsewhere");
    await makeBackup("Elsewhere");
    assert.equal(archives().length, 1);
    assert.equal((await put({})).result, "ok");
  });

  test("is no longer the default place when another is chosen, and takes what is sent to it by name", async () => {
    const chosen = await server.call("POST", "/mounts/options", { default_backup_mount: null });
    assert.equal(chosen.result, "ok", String(chosen.message));
    const here = await makeBackup("Here");
    assert.deepEqual(await locationsOf(here), [null]);
    const both = await makeBackup("At both", { location: [".local", "cabin"] });
    assert.deepEqual(await locationsOf(both), [null, "cabin"]);
    assert.equal(archives().length, 2);
  });

  test("is removed and leaves its backups alone", async () => {
    assert.equal((await server.call("DELETE", "/mounts/cabin")).result, "ok");
    assert.deepEqual((await mounts()).states, []);
    assert.equal(archives().length, 2);
  });
});
