import assert from "node:assert/strict";
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, before, test } from "node:test";
import {
  officialSoftware,
  oldOfficialSoftware,
  type ArchiveForm,
} from "#test/official-software.ts";

/** The measure has to be right before anything is measured with it. */
const current = await officialSoftware();
const version1 = await oldOfficialSoftware();
const password = "correct horse";
const forms: readonly ArchiveForm[] = [
  "plain",
  "plain-uncompressed",
  "v2",
  "v3",
  "v3-uncompressed",
];
let folder = "";
let home = "";

before(async () => {
  folder = await mkdtemp(join(tmpdir(), "safehouse-peer-"));
  home = join(folder, "home");
  await write("config/automations.yaml", "- alias: Lights\n".repeat(5000));
  await write("config/home-assistant.log", "left out\n");
  await write("data/core_mosquitto/mosquitto.db", "retained");
  await write("share/Übersicht.txt", "notes");
  await write("addons/local/mine/config.yaml", "slug: mine");
  await symlink("automations.yaml", join(home, "config/current.yaml"));
});

after(() => rm(folder, { recursive: true, force: true }));

for (const form of forms) {
  const options = form.startsWith("plain") ? { form } : { form, password };
  const { skip } = current;

  test(`the official software reads its own ${form} archive in both ways`, { skip }, async () => {
    const official = current.use();
    const file = join(folder, `${form}.tar`);
    await official.make(home, file, options);
    const listing = await official.list(file, options);
    assert.deepEqual(await official.list(file, { ...options, stream: true }), listing);
    assert.deepEqual(Object.keys(listing.parts), [
      "homeassistant",
      "core_mosquitto",
      "share",
      "addons_local",
    ]);
    const entries = listing.parts.homeassistant;
    assert.equal(entries?.["data/automations.yaml"]?.size, 80_000);
    assert.equal(entries["data/current.yaml"]?.target, "automations.yaml");
    assert.equal(entries["data/home-assistant.log"], undefined);
  });

  test(`the official software restores its own ${form} archive`, { skip }, async () => {
    const official = current.use();
    const restored = join(folder, `restored-${form}`);
    const file = join(folder, `to-restore-${form}.tar`);
    await mkdir(restored);
    await official.make(home, file, options);
    await official.extract(file, restored, options);
    for (const path of [
      "config/automations.yaml",
      "data/core_mosquitto/mosquitto.db",
      "share/Übersicht.txt",
    ]) {
      assert.deepEqual(await readFile(join(restored, path)), await readFile(join(home, path)));
    }
  });
}

test(
  "the official software reads what the last version 1 wrote",
  { skip: current.skip || version1.skip },
  async () => {
    const file = join(folder, "v1.tar");
    await version1.use().make(home, file, { password, compressed: true });
    const { parts } = await current.use().list(file, { password });
    assert.equal(parts.homeassistant?.["data/automations.yaml"]?.size, 80_000);
  },
);

async function write(path: string, text: string): Promise<void> {
  const file = join(home, path);
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, text);
}
