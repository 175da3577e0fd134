import assert from "node:assert/strict";
import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import type { HomeSettingsStore } from "#jobs/settings-port.ts";
import { exportSettings } from "#jobs/settings/export-settings.ts";
import { importSettings } from "#jobs/settings/import-settings.ts";
import { parseSettingsDocument } from "#jobs/settings/settings-document.ts";
import type { SettingsStores } from "#jobs/settings/settings-stores.ts";
import { memoryKeyRing } from "#test/memory-key-ring.ts";
import { openState } from "#state/open-state.ts";
import { SecretBox } from "#state/secret-box.ts";
import { SecretKeyFile } from "#state/secret-key-store.ts";
import { Settings } from "#state/settings.ts";

/** A data directory with the stores of its settings. */
function makeHome(context: TestContext) {
  const folder = mkdtempSync(join(tmpdir(), "safehouse-secret-"));
  const dataDirectory = join(folder, "data");
  const state = openState({ dataDirectory, clock: Date, notice: assert.fail });
  context.after(() => {
    state[Symbol.dispose]();
    rmSync(folder, { recursive: true });
  });
  const kept = new Settings(dataDirectory, state);
  const settings: HomeSettingsStore = {
    read: () => kept.read("home"),
    decide: (decide) => kept.decide("home", decide),
  };
  const secretKey = new SecretKeyFile(dataDirectory);
  const stores: SettingsStores = { settings, ring: memoryKeyRing(), secretKey };
  return { dataDirectory, stores, box: new SecretBox(dataDirectory) };
}

type Home = ReturnType<typeof makeHome>;

const purpose = "password of location nas of home";

async function saveSecret({ stores, box }: Home, password: string): Promise<void> {
  await stores.settings.decide(() => ({ rules: ["*.mp4"] }));
  const sealed = box.seal(password, purpose);
  await stores.settings.decide(() => ({
    locations: [
      { id: "nas", kind: "local", settings: { path: "/mnt" }, secrets: { password: sealed } },
    ],
  }));
}

async function secretOf({ stores, box }: Home): Promise<string | undefined> {
  const [location] = (await stores.settings.read())["locations"] as readonly {
    readonly secrets?: { readonly password?: string };
  }[];
  const sealed = location?.secrets?.password;
  return sealed && box.open(sealed, purpose);
}

async function exported(home: Home, withSecrets: boolean) {
  const { document } = await exportSettings(home.stores, withSecrets);
  return parseSettingsDocument(JSON.parse(JSON.stringify(document)));
}

test("with secrets, a password of a location opens in another data directory", async (context) => {
  const old = makeHome(context);
  await saveSecret(old, "correct horse");
  const fresh = makeHome(context);
  const { notes } = await importSettings(await exported(old, true), fresh.stores);
  assert.deepEqual(notes, []);
  assert.equal(await secretOf(fresh), "correct horse");
  assert.equal(statSync(join(fresh.dataDirectory, "secret.key")).mode & 0o777, 0o600);
});

test("where another key seals, secrets of the file are left out and said to be missing", async (context) => {
  const old = makeHome(context);
  await saveSecret(old, "correct horse");
  const other = makeHome(context);
  await saveSecret(other, "battery staple");
  const before = await other.stores.secretKey.read();
  const { notes } = await importSettings(await exported(old, true), other.stores);
  assert.equal(notes.length, 1);
  assert.match(notes[0] ?? "", /^1 secret .*entered again/u);
  assert.equal(await other.stores.secretKey.read(), before, "a key is never replaced");
  assert.equal(await secretOf(other), "battery staple", "what is there stays");
});

test("without secrets neither key nor password is in an export, and importing it loses none", async (context) => {
  const home = makeHome(context);
  await saveSecret(home, "correct horse");
  const { document, left } = await exportSettings(home.stores, false);
  assert.equal(left, 1);
  assert.ok(!JSON.stringify(document).includes("sealed-"));
  assert.equal(document.secretKey, undefined);
  const { changes } = await importSettings(await exported(home, false), home.stores);
  assert.deepEqual(changes, []);
  assert.equal(await secretOf(home), "correct horse");
});

test("the key leaves the data directory only with something that it opens", async (context) => {
  const home = makeHome(context);
  await home.stores.settings.decide(() => ({ rules: ["*.mp4"] }));
  home.box.seal("anything", purpose);
  assert.equal((await exported(home, true)).secretKey, undefined);
});

test("no key is taken where secrets wait for one that is missing", async (context) => {
  const home = makeHome(context);
  await saveSecret(home, "correct horse");
  rmSync(join(home.dataDirectory, "secret.key"));
  const key = Buffer.alloc(32).toString("base64");
  await assert.rejects(home.stores.secretKey.adopt(key), { problem: "not-found" });
});
