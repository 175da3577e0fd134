import assert from "node:assert/strict";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { ChannelSettings } from "./channel-settings.ts";
import { openState } from "./open-state.ts";
import { SecretBox } from "./secret-box.ts";
import { Settings } from "./settings.ts";

const phone = {
  id: "phone",
  kind: "gotify",
  name: "Phone",
  settings: { url: "https://push.example.org", token: "hunter2" },
};

async function makeStore(context: TestContext) {
  const folder = await mkdtemp(join(tmpdir(), "safehouse-channels-"));
  const state = openState({ dataDirectory: folder, clock: Date, notice: assert.fail });
  context.after(async () => {
    state[Symbol.dispose]();
    await rm(folder, { recursive: true });
  });
  const settings = new Settings(folder, state);
  const store = new ChannelSettings(settings, new SecretBox(folder), "home");
  return { store, settings, folder, path: join(folder, "settings.json") };
}

test("a channel comes back with its secrets, and none of them lies in the file", async (context) => {
  const { store, path } = await makeStore(context);
  await store.add(phone);
  const [stored] = await store.list();
  assert.ok(stored?.channel?.kind === "gotify");
  assert.equal(stored.channel.settings.token, "hunter2");
  assert.deepEqual(stored.settings, { url: "https://push.example.org" });
  assert.deepEqual(stored.secrets, ["token"]);
  const text = await readFile(path, "utf8");
  assert.doesNotMatch(text, /hunter2/u);
  assert.match(text, /sealed-1:/u);
});

test("a change keeps the secrets that it does not name", async (context) => {
  const { store } = await makeStore(context);
  await store.add(phone);
  await store.change("phone", (before) => ({ ...before, name: "New phone" }));
  const [stored] = await store.list();
  assert.equal(stored?.channel?.name, "New phone");
  assert.ok(stored.channel.kind === "gotify");
  assert.equal(stored.channel.settings.token, "hunter2");
});

test("a misspelt field is told, for it would not count", async (context) => {
  const { store, settings } = await makeStore(context);
  await settings.change("home", { notifications: [{ ...phone, event: ["alert"] }] });
  assert.match((await store.list())[0]?.problem?.message ?? "", /no field "event"/u);
});

test("a secret that a person wrote openly counts, and is sealed with the next change", async (context) => {
  const { store, settings, path } = await makeStore(context);
  await settings.change("home", { notifications: [phone] });
  assert.ok((await store.list())[0]?.channel !== undefined);
  await store.change("phone", (before) => ({ ...before, name: "New phone" }));
  assert.doesNotMatch(await readFile(path, "utf8"), /hunter2/u);
  const [stored] = await store.list();
  assert.equal(stored?.channel?.name, "New phone");
});

test("what makes no sense is refused and changes nothing", async (context) => {
  const { store, path } = await makeStore(context);
  await store.add(phone);
  const before = await readFile(path, "utf8");
  await assert.rejects(store.add(phone), { problem: "already-exists" });
  await assert.rejects(store.add({ ...phone, id: "b", kind: "fax" }), { problem: "usage" });
  const wrong = { ...phone, settings: { url: "nowhere", token: "a" } };
  await assert.rejects(
    store.change("phone", () => wrong),
    { problem: "usage" },
  );
  await assert.rejects(
    store.change("other", (draft) => draft),
    { problem: "not-found" },
  );
  await assert.rejects(store.remove("other"), { problem: "not-found" });
  assert.equal(await readFile(path, "utf8"), before);
});

test("a channel whose secrets are lost says so, keeps no other from working, and can be removed", async (context) => {
  const { store, folder, settings } = await makeStore(context);
  await store.add(phone);
  const open = { id: "open", kind: "email", name: "Mail" };
  const to = { host: "mail.example.org", from: "a@example.org", to: "b@example.org" };
  await settings.decide("home", ({ notifications }) => ({
    notifications: [...(notifications as unknown[]), { ...open, settings: to }],
  }));
  await rm(join(folder, "secret.key"));
  const [first, second] = await store.list();
  assert.equal(first?.problem?.problem, "not-found");
  assert.equal(first?.channel, undefined);
  assert.equal(second?.channel?.name, "Mail");
  await store.remove("phone");
  assert.deepEqual(
    (await store.list()).map(({ id }) => id),
    ["open"],
  );
});

test("a sealed secret that was moved to another channel does not open", async (context) => {
  const { store, settings } = await makeStore(context);
  await store.add(phone);
  await settings.decide("home", ({ notifications }) => {
    const [record] = notifications as Record<string, unknown>[];
    return { notifications: [{ ...record, id: "other" }] };
  });
  assert.equal((await store.list())[0]?.problem?.problem, "damaged");
});

test("channels of a kind that nobody knows show none of their settings", async (context) => {
  const { store, settings } = await makeStore(context);
  const fax = { id: "fax", kind: "fax", name: "Fax", settings: { number: "hunter2" } };
  await settings.change("home", { notifications: [fax] });
  const [stored] = await store.list();
  assert.deepEqual(stored?.settings, {});
  assert.equal(stored?.problem?.problem, "usage");
});

test("a list of channels that is none is told and never replaced", async (context) => {
  const { store, settings } = await makeStore(context);
  for (const notifications of [{}, "none", [1]]) {
    await settings.change("home", { notifications });
    await assert.rejects(store.list(), { problem: "damaged" });
    await assert.rejects(store.add(phone), { problem: "damaged" });
  }
});
