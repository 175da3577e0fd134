import { strict as assert } from "node:assert";
import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { pythonPeer } from "#test/python-peer.ts";
import { ServedHome } from "#test/supervisor/served-home.ts";
import { folderOfLocation, storeMount } from "#test/supervisor/set-up-home.ts";

/** The library with which Home Assistant speaks to a Supervisor, on its strict models, against our server. */
const peer = await pythonPeer("client");
const skip = peer.absent ?? false;
const script = fileURLToPath(new URL("supervisor_client.py", import.meta.url));

interface Refusal {
  readonly type: string;
  readonly message: string;
  readonly job_id: string | null;
}

interface Mounts {
  readonly default_backup_mount: string | null;
  readonly mounts: readonly {
    readonly name: string;
    readonly type: string;
    readonly share: string;
  }[];
}

interface Job {
  readonly uuid: string;
  readonly name: string;
  readonly reference: string;
  readonly progress: number;
  readonly errors: readonly unknown[];
  readonly child_jobs: readonly Job[];
}

interface Backup {
  readonly slug: string;
  readonly name: string;
  readonly location_attributes: Readonly<Record<string, { readonly protected: boolean }>>;
}

interface Details extends Backup {
  readonly homeassistant: string | null;
  readonly homeassistant_exclude_database: boolean | null;
  readonly addons: readonly { readonly slug: string }[];
  readonly folders: readonly string[];
  readonly extra: Readonly<Record<string, unknown>>;
}

/** What `supervisor_client.py` prints. */
interface Told {
  readonly who: {
    readonly root: { readonly homeassistant: string; readonly state: string };
    readonly supervisor: { readonly healthy: boolean };
  };
  readonly mounts: Readonly<Record<"nfs" | "cifs" | "media", Refusal>> &
    Readonly<Record<"stored" | "left", Mounts>>;
  readonly make: {
    readonly full: { readonly slug: string; readonly job_id: string };
    readonly partial: { readonly slug: null; readonly job_id: string };
    readonly job: Job;
    readonly list: readonly Backup[];
    readonly info: { readonly backups: readonly Backup[]; readonly days_until_stale: number };
    readonly details: Details;
  };
  readonly restore: {
    readonly wrong: Refusal;
    readonly missing: Refusal;
    readonly "not full": Refusal;
    readonly partial: { readonly job_id: string };
    readonly full: Job;
  };
  readonly transfer: {
    readonly size: number;
    readonly removed: Refusal;
    readonly uploaded: string;
    readonly details: Backup;
    readonly left: Backup;
  };
  readonly freeze: {
    readonly held: string;
    readonly new: Refusal;
    readonly thawed: string;
    readonly again: Refusal;
  };
  readonly jobs: {
    readonly info: { readonly ignore_conditions: readonly string[]; readonly jobs: readonly Job[] };
    readonly after: {
      readonly ignore_conditions: readonly string[];
      readonly jobs: readonly Job[];
    };
    readonly unknown: Refusal;
  };
  readonly stranger: Refusal;
}

describe("aiohasupervisor", () => {
  let home: ServedHome;
  let told: Told;

  before(async () => {
    if (skip !== false) return;
    home = await ServedHome.open();
    storeMount(home.bench, "shed");
    const args = [script, home.url, home.token, home.bench.folder];
    const { stdout } = await promisify(execFile)(peer.python ?? "", args);
    told = JSON.parse(stdout) as Told;
  });

  after(async () => {
    if (skip !== false) return;
    await home[Symbol.asyncDispose]();
  });

  test("is told who is there", { skip }, () => {
    const { root, supervisor } = told.who;
    assert.deepEqual([root.homeassistant, root.state], ["2026.8.1", "running"]);
    assert.equal(supervisor.healthy, true);
  });

  test(
    "hears why a share is not mounted, and lists and removes one that is stored",
    { skip },
    () => {
      const { nfs, cifs, media, stored, left } = told.mounts;
      assert.match(media.message, /mounting not supported on system$/);
      assert.match(cifs.message, /^Could not mount films due to: .* location shed/);
      // Without NFS on this machine none can be mounted, and with it there is no such server.
      assert.match(nfs.message, /mounting not supported on system$|nas\.local|does not answer/);
      assert.deepEqual(
        stored.mounts.map(({ name, type, share }) => [name, type, share]),
        [["shed", "cifs", "backups"]],
      );
      assert.deepEqual([stored.default_backup_mount, left.mounts], [null, []]);
    },
  );

  test("makes backups in full, and in part in the background", { skip }, () => {
    const { full, partial, job, list } = told.make;
    assert.equal(partial.slug, null);
    assert.equal(job.uuid, partial.job_id);
    assert.deepEqual(job.errors, []);
    const slugs = Object.fromEntries(list.map(({ name, slug }) => [name, slug]));
    assert.deepEqual(slugs, { Full: full.slug, Part: job.reference });
    const found = list.find(({ slug }) => slug === full.slug);
    assert.deepEqual(Object.keys(found?.location_attributes ?? {}).toSorted(), [".local", "nas"]);
  });

  test("reads everything about a backup", { skip }, () => {
    const { details, info } = told.make;
    assert.equal(details.homeassistant, "2026.8.1");
    assert.equal(details.homeassistant_exclude_database, true);
    assert.deepEqual(details.folders, ["ssl"]);
    assert.deepEqual(
      details.addons.map(({ slug }) => slug),
      ["core_mosquitto"],
    );
    assert.equal(details.extra["instance_id"], "test");
    assert.equal(details.location_attributes[".local"]?.protected, true);
    assert.equal(info.days_until_stale, 7);
  });

  test("hears of a wrong password in the words that Home Assistant looks for", { skip }, () => {
    const { wrong, missing } = told.restore;
    const { reference } = told.make.job;
    for (const refused of [wrong, missing]) {
      assert.equal(refused.message, `Invalid password for backup ${reference}`);
      assert.equal(refused.type, "SupervisorBadRequestError");
      assert.equal(refused.job_id, null);
    }
  });

  test("restores in part, and in full from a mount", { skip }, () => {
    const { partial, full, "not full": refused } = told.restore;
    assert.match(partial.job_id, /^[0-9a-f]{32}$/);
    assert.match(refused.message, /is only a partial backup!$/);
    assert.equal(full.name, "backup_manager_full_restore");
    assert.deepEqual(full.errors, []);
    assert.equal(full.progress, 100);
  });

  test(
    "downloads a backup, uploads it as a part without a name, and removes copies",
    { skip },
    () => {
      const { size, removed, uploaded, details, left } = told.transfer;
      assert.equal(removed.type, "SupervisorNotFoundError");
      assert.equal(removed.message, "Backup does not exist");
      assert.equal(uploaded, told.make.job.reference);
      assert.deepEqual(Object.keys(details.location_attributes), [".local", "nas"]);
      assert.deepEqual(Object.keys(left.location_attributes), ["nas"]);
      const stored = readFileSync(join(folderOfLocation(home.bench, "nas"), "Uploaded.tar"));
      assert.equal(stored.length, size);
      assert.ok(stored.equals(readFileSync(join(home.bench.folder, "downloaded.tar"))));
    },
  );

  test("holds the home still and lets it go", { skip }, () => {
    const { held, thawed, new: refused, again } = told.freeze;
    assert.deepEqual([held, thawed], ["freeze", "running"]);
    assert.match(refused.message, /do_backup_full' blocked from execution, system is not running/);
    assert.match(again.message, /system is not frozen - running$/);
  });

  test("lists jobs, forgets one, and keeps what is to be ignored", { skip }, () => {
    const { info, after: rest, unknown } = told.jobs;
    assert.deepEqual(
      info.jobs.map(({ name }) => name),
      [
        "backup_manager_full_restore",
        "backup_manager_partial_restore",
        "backup_manager_partial_backup",
        "backup_manager_full_backup",
      ],
    );
    assert.deepEqual(info.ignore_conditions, ["free_space"]);
    assert.deepEqual(rest.ignore_conditions, []);
    assert.equal(rest.jobs.length, info.jobs.length - 1);
    assert.equal(unknown.message, "Job does not exist");
  });

  test("is not let in with another token, and nothing went wrong inside", { skip }, async () => {
    assert.equal(told.stranger.type, "SupervisorAuthenticationError");
    assert.doesNotMatch(await home.stop(), /Fault/);
  });
});
