import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { Bench, describe } from "#test/safehouse.ts";

/** Archives as other software made them over the years, put together with GNU tar (docs/format.md, 2 and 3). */
interface Age {
  readonly about: string;
  /** Name of the metadata. */
  readonly document: "snapshot.json" | "backup.json";
  readonly metadata: Readonly<Record<string, unknown>>;
  /** Inner archives without `.tar.gz`, and the files in each. */
  readonly inner: Readonly<Record<string, Files>>;
  /** Members in their order; `.` is the folder with everything in it. */
  readonly order: readonly string[];
  /** Parts that it holds. */
  readonly parts: readonly string[];
}
type Files = Readonly<Record<string, string>>;

const common = { slug: "0f0f0f0f", name: "Long ago", type: "full" };
const config = {
  "configuration.yaml": "default_config:\n",
  ".storage/core.config": '{"version": 1}',
  "www/photo.jpg": "not really",
};
const share = { "notes.txt": "a note" };

const ages: readonly Age[] = [
  {
    about: "a snapshot of 2020, with everything in one folder",
    document: "snapshot.json",
    metadata: {
      ...common,
      date: "2020-11-03T04:12:11.123456+00:00",
      homeassistant: { version: "0.117.5", port: 8123, ssl: false, watchdog: true },
      folders: ["share", "homeassistant"],
      addons: [],
      repositories: [],
      protected: null,
      crypto: null,
    },
    inner: { homeassistant: config, share },
    order: ["."],
    parts: ["homeassistant", "share"],
  },
  {
    about: "a full backup of autumn 2021, of metadata version 1",
    document: "backup.json",
    metadata: {
      ...common,
      date: "2021-10-03T04:12:11.123456+00:00",
      homeassistant: { version: "2021.9.7", port: 8123 },
      folders: ["homeassistant", "share"],
      addons: [{ slug: "core_mosquitto", name: "Mosquitto broker", version: "6.0.1", size: 0.1 }],
      repositories: ["https://github.com/hassio-addons/repository"],
      protected: null,
    },
    inner: {
      homeassistant: config,
      core_mosquitto: {
        "addon.json": '{"system": {}, "user": {}, "version": "6.0.1", "state": "started"}',
        "data/retained.db": "retained",
      },
      share,
    },
    order: ["./homeassistant.tar.gz", "./core_mosquitto.tar.gz", "./share.tar.gz", "./backup.json"],
    parts: ["core_mosquitto", "homeassistant", "share"],
  },
  {
    about: "a backup of Home Assistant Core of 2023, without a version of its metadata",
    document: "backup.json",
    metadata: {
      ...common,
      date: "2023-05-03T04:12:11.123456+02:00",
      type: "partial",
      folders: ["homeassistant"],
      homeassistant: { version: "2023.5.0" },
      compressed: true,
    },
    inner: { homeassistant: inData(config) },
    order: ["./backup.json", "homeassistant.tar.gz"],
    parts: ["homeassistant"],
  },
  {
    about: "a backup of Home Assistant Core of today, metadata first",
    document: "backup.json",
    metadata: {
      ...common,
      version: 2,
      date: "2026-08-03T04:12:11.123456+02:00",
      type: "partial",
      compressed: true,
      protected: false,
      extra: { instance_id: "b5c1", with_automatic_settings: true },
      homeassistant: { version: "2026.8.0", exclude_database: false },
    },
    inner: { homeassistant: inData(config) },
    order: ["./backup.json", "homeassistant.tar.gz"],
    parts: ["homeassistant"],
  },
];

const tar = existsSync("/bin/tar") ? false : "absent: GNU tar";

for (const age of ages) {
  test(`is looked into, listed and restored: ${age.about}`, { skip: tar }, async () => {
    using bench = new Bench();
    const file = make(age, join(bench.folder, "old"));
    const listed = await bench.json("archive", "list", file);
    assert.deepEqual(namesOf(listed.list("parts")).toSorted(), age.parts);
    assert.deepEqual(listed.at("missing"), []);
    const content = await bench.run("archive", "cat", file, "homeassistant", "configuration.yaml");
    assert.equal(content.out, config["configuration.yaml"], describe(content));
    const verified = await bench.run("archive", "verify", file);
    assert.equal(verified.code, 3, describe(verified));
    assert.match(verified.out, /readable/);

    await bench.json("backups", "upload", file);
    assert.equal((await bench.json("backups", "info", common.slug)).at("name"), common.name);
    const restored = await bench.json("backups", "restore", common.slug);
    assert.deepEqual(namesOf(restored.list("parts")).toSorted(), age.parts);
    for (const [path, text] of Object.entries(config))
      assert.equal(readFileSync(join(bench.home, "config", path), "utf8"), text);
    assert.equal(existsSync(join(bench.home, "config/automations.yaml")), false);
    if (age.parts.includes("share"))
      assert.equal(readFileSync(join(bench.home, "share/notes.txt"), "utf8"), share["notes.txt"]);
    if (age.parts.includes("core_mosquitto"))
      assert.equal(
        readFileSync(join(bench.home, "data/core_mosquitto/retained.db"), "utf8"),
        "retained",
      );
  });
}

function make({ document, metadata, inner, order }: Age, folder: string): string {
  const members = join(folder, "members");
  writeFiles(members, { [document]: JSON.stringify(metadata) });
  for (const [name, files] of Object.entries(inner)) {
    writeFiles(join(folder, name), files);
    execFileSync("tar", ["-czf", join(members, `${name}.tar.gz`), "-C", join(folder, name), "."]);
    rmSync(join(folder, name), { recursive: true });
  }
  const file = join(folder, "old.tar");
  execFileSync("tar", ["-cf", file, "--format=pax", "-C", members, ...order]);
  return file;
}

function writeFiles(folder: string, files: Files): void {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
}

function inData(files: Files): Files {
  return Object.fromEntries(Object.entries(files).map(([path, text]) => [`data/${path}`, text]));
}

function namesOf(parts: readonly { text(name: string): string }[]): string[] {
  return parts.map((part) => part.text("part"));
}
