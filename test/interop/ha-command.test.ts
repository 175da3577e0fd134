import { strict as assert } from "node:assert";
import { execFile } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { promisify } from "node:util";
import { parse, type Tags } from "yaml";
import { goPeer } from "#test/go-peer.ts";
import { ServedHome } from "#test/supervisor/served-home.ts";
import { storeMount } from "#test/supervisor/set-up-home.ts";

/** The official command line against our server, as a person would type it. */
const peer = await goPeer({
  module: "github.com/home-assistant/cli",
  version: "5.5.0",
  oldestGo: 25,
});
const skip = peer.absent ?? false;
const password = "correct horse battery staple";
const completed = "Command completed successfully.";
const withoutFloats = (tags: Tags): Tags =>
  tags.filter((tag) => typeof tag === "string" || tag.tag !== "tag:yaml.org,2002:float");

describe("ha", () => {
  let home: ServedHome;
  /** Slugs of the backups that the first tests make. */
  let full = "";
  let part = "";

  before(async () => {
    if (skip !== false) return;
    home = await ServedHome.open();
    storeMount(home.bench, "shed");
  });

  after(async () => {
    if (skip !== false) return;
    assert.doesNotMatch(await home.stop(), /Fault/);
    await home[Symbol.asyncDispose]();
  });

  /** Runs a command that succeeds; its output. */
  async function ha(...args: string[]): Promise<string> {
    const { stdout } = await run(args);
    return stdout;
  }

  /** What a command tells, which it does as YAML: with slugs like `1e234567` bare, which are no numbers. */
  async function told(...args: string[]): Promise<Record<string, unknown>> {
    return parse(await ha(...args), { customTags: withoutFloats }) as Record<string, unknown>;
  }

  /** What is said by a command that fails. */
  async function refusal(...args: string[]): Promise<string> {
    const error = await run(args).then(
      () => assert.fail(`ha ${args.join(" ")} succeeded`),
      (failure: { code: unknown; stdout: string; stderr: string }) => failure,
    );
    assert.equal(error.code, 1, error.stderr);
    return `${error.stdout}${error.stderr}`;
  }

  function run(args: readonly string[]): Promise<{ stdout: string; stderr: string }> {
    const access = ["--endpoint", home.url, "--api-token", home.token, "--no-progress"];
    // Somebody's own settings of the command line must not count.
    const env = { PATH: process.env["PATH"], HOME: home.bench.folder };
    return promisify(execFile)(peer.program ?? "", [...access, ...args], { env });
  }

  test("shows who is there", { skip }, async () => {
    const info = await told("info");
    assert.equal(info["homeassistant"], "2026.8.1");
    for (const group of ["core", "host", "network", "os", "resolution", "supervisor"])
      assert.notEqual(await ha(group, "info"), "", group);
    assert.notEqual(await ha("banner", "--no-wait"), "");
  });

  test(
    "hears why a share is not mounted, and lists and removes one that is stored",
    { skip },
    async () => {
      const nfs = ["--usage", "backup", "--type", "nfs", "--server", "nas.local", "--path", "/b"];
      const films = ["--server", "nas.local", "--share", "films"];
      for (const place of [nfs, films])
        assert.match(
          await refusal("mounts", "add", "films", ...place),
          /mounting not supported on system|nas\.local|does not answer/,
        );
      const listed = (await told("mounts", "info"))["mounts"] as { name: string }[];
      assert.deepEqual(
        listed.map(({ name }) => name),
        ["shed"],
      );
      assert.match(await ha("mounts", "delete", "shed"), new RegExp(completed));
      assert.match(await refusal("mounts", "delete", "shed"), /No mount exists with name shed/);
      await ha("mounts", "options", "--default-backup-mount=");
      assert.equal((await told("mounts", "info"))["default_backup_mount"], null);
    },
  );

  test("makes a full backup", { skip }, async () => {
    const made = await told("backups", "new", "--name", "Full");
    full = String(made["slug"]);
    assert.match(full, /^[0-9a-f]{8}$/);
    assert.match(String(made["job_id"]), /^[0-9a-f]{32}$/);
  });

  test(
    "makes a partial backup with folders and apps, encrypted, at two locations",
    { skip },
    async () => {
      const parts = ["--app", "core_mosquitto", "--folders", "ssl", "--folders", "share"];
      const options = ["--password", password, "--location=.local", "--location=nas"];
      const made = await told("backups", "new", "--name", "Part", ...parts, ...options);
      part = String(made["slug"]);
      const info = await told("backups", "info", part);
      assert.equal(info["type"], "partial");
      assert.equal(info["protected"], true);
      assert.deepEqual(info["folders"], ["share", "ssl"]);
      assert.deepEqual(info["locations"], [null, "nas"]);
      const addons = info["addons"] as { slug: string }[];
      assert.deepEqual(
        addons.map(({ slug }) => slug),
        ["core_mosquitto"],
      );
    },
  );

  test("lists backups", { skip }, async () => {
    await ha("backups", "reload");
    await ha("backups", "options", "--days-until-stale", "7");
    const { backups, days_until_stale: days } = await told("backups");
    const listed = backups as { name: string; slug: string }[];
    const slugs = Object.fromEntries(listed.map(({ name, slug }) => [name, slug]));
    assert.deepEqual(slugs, { Full: full, Part: part });
    assert.equal(days, 7);
  });

  test("hears of a wrong password in the official words", { skip }, async () => {
    const restore = ["backups", "restore", part, "--folders", "ssl"];
    const words = new RegExp(`Error: Invalid password for backup ${part}`);
    assert.match(await refusal(...restore, "--password", "wrong"), words);
    assert.match(await refusal(...restore), words);
    assert.match(await refusal("backups", "restore", part), /is only a partial backup!/);
    assert.match(await refusal("backups", "info", "00000000"), /Backup does not exist/);
  });

  test("restores in part", { skip }, async () => {
    const pem = join(home.bench.home, "ssl/privkey.pem");
    const key = readFileSync(pem);
    writeFileSync(pem, "lost");
    const wanted = ["--password", password, "--folders", "ssl"];
    const { job_id: job } = await told("backups", "restore", part, ...wanted);
    assert.match(String(job), /^[0-9a-f]{32}$/);
    assert.deepEqual(readFileSync(pem), key);
  });

  test("lists jobs, and keeps what is to be ignored until a reset", { skip }, async () => {
    await ha("jobs", "options", "--ignore-conditions", "healthy");
    const info = await told("jobs", "info");
    assert.deepEqual(info["ignore_conditions"], ["healthy"]);
    const jobs = info["jobs"] as { name: string; reference: string; done: boolean }[];
    assert.deepEqual(
      jobs.map(({ name, reference, done }) => [name, reference, done]),
      [
        ["backup_manager_partial_restore", part, true],
        ["backup_manager_partial_backup", part, true],
        ["backup_manager_full_backup", full, true],
      ],
    );
    await ha("jobs", "reset");
    assert.deepEqual((await told("jobs", "info"))["ignore_conditions"], []);
  });

  test("holds the home still and lets it go", { skip }, async () => {
    await ha("backups", "freeze", "--timeout", "60");
    assert.match(await refusal("backups", "new"), /system is not running - freeze/);
    await ha("backups", "thaw");
    assert.match(await refusal("backups", "thaw"), /system is not frozen - running/);
  });

  test("removes a backup at one location, then everywhere", { skip }, async () => {
    await ha("backups", "remove", part, "--location=.local");
    assert.deepEqual((await told("backups", "info", part))["locations"], ["nas"]);
    await ha("backups", "remove", part);
    assert.match(await refusal("backups", "info", part), /Backup does not exist/);
  });
});
