import { strict as assert } from "node:assert";
import { describe, test } from "node:test";
import fc from "fast-check";
import type { Part } from "#core/model/part.ts";
import { advanceRun } from "#core/run/advance-run.ts";
import { describeRun, type DescribedRun, type DescribedStep } from "#jobs/runs/describe-run.ts";
import { anyEvents, anyMakingRun } from "#test/any-run.ts";
import { loops } from "#test/loops.ts";
import { backupJob } from "./backup-job.ts";
import type { Job } from "./job-tree.ts";
import type { BackupWork, RestoreWork, WorkPart } from "./jobs-port.ts";
import { restoreJob } from "./restore-job.ts";

const step: DescribedStep = {
  kind: "make",
  location: "/backups",
  state: "done",
  attempts: 1,
  started: "2026-08-01T10:00:00.000Z",
  ended: undefined,
  retryAt: undefined,
  percent: undefined,
  progress: undefined,
  error: undefined,
  log: [],
};

const run: DescribedRun = {
  id: "0123456789abcdef0123456789abcdef",
  trigger: { kind: "manual" },
  state: "done",
  created: "2026-08-01T10:00:00.000Z",
  ended: "2026-08-01T10:05:00.000Z",
  cancelAsked: undefined,
  pid: 1,
  backup: { slug: "7fed74c8", name: "Nightly", fileName: "Nightly.tar" },
  steps: [step, { ...step, kind: "verify" }],
};

const core: Part = { kind: "homeassistant" };
const mosquitto: Part = { kind: "addon", slug: "core_mosquitto" };
const share: Part = { kind: "folder", name: "share" };
const good = (part: Part): WorkPart => ({ part, state: "done", error: undefined });
const bad = (part: Part, error: string): WorkPart => ({ part, state: "failed", error });

const backup = (change: Partial<BackupWork>): BackupWork => ({
  work: "backup",
  run,
  full: false,
  parts: [core, mosquitto, share].map(good),
  ...change,
});

const restore = (change: Partial<RestoreWork>): RestoreWork => ({
  work: "restore",
  id: run.id,
  slug: "7fed74c8",
  created: run.created,
  state: "done",
  full: true,
  parts: [core, mosquitto, share].map(good),
  error: undefined,
  ...change,
});

/** Names and references, indented by depth. */
function outline(job: Job, depth = 0): string[] {
  const line = `${"  ".repeat(depth)}${job.name} ${job.reference}`;
  return [line, ...job.child_jobs.flatMap((child) => outline(child, depth + 1))];
}

function flat(job: Job): Job[] {
  return [job, ...job.child_jobs.flatMap(flat)];
}

/** What Home Assistant's own integration reads from the tree of a backup: references of what failed. */
function failuresThatCoreSees(job: Job, group: string, each: string): (string | null)[] {
  const groups = job.child_jobs.filter(({ name }) => name === group);
  const children = groups.flatMap((child) => child.child_jobs);
  return children
    .filter(({ name, errors }) => name === each && errors.length > 0)
    .map(({ reference }) => reference);
}

describe("a backup as a job", () => {
  test("is a tree under the names of the first version of the API", () => {
    assert.deepEqual(outline(backupJob(backup({}), 1)), [
      "backup_manager_partial_backup 7fed74c8",
      "  backup_store_homeassistant 7fed74c8",
      "  backup_store_addons 7fed74c8",
      "    backup_addon_save core_mosquitto",
      "  backup_store_folders 7fed74c8",
      "    backup_folder_save share",
    ]);
  });

  test("has the newer names of add-on jobs in the second", () => {
    const names = flat(backupJob(backup({ full: true }), 2)).map(({ name }) => name);
    assert.equal(names[0], "backup_manager_full_backup");
    assert.ok(names.includes("backup_store_apps") && names.includes("backup_app_save"));
  });

  test("that kept a backup with a failed part is not called failed, and tells Home Assistant which", () => {
    const parts = [good(core), bad(mosquitto, "Read error"), bad(share, "Gone")];
    const job = backupJob(backup({ parts }), 1);
    assert.deepEqual(job.errors, []);
    assert.equal(job.done, true);
    assert.equal(job.progress, 100);
    const seen = (group: string, each: string) => failuresThatCoreSees(job, group, each);
    assert.deepEqual(seen("backup_store_addons", "backup_addon_save"), ["core_mosquitto"]);
    assert.deepEqual(seen("backup_store_folders", "backup_folder_save"), ["share"]);
  });

  test("has the error of the whole on its root", () => {
    const error = { problem: "no-space", message: "There is no room at /backups" } as const;
    const steps: DescribedStep[] = [
      { ...step, state: "failed", error },
      { ...step, kind: "verify", state: "skipped" },
    ];
    const job = backupJob(
      backup({ run: { ...run, state: "failed", steps, backup: undefined } }),
      1,
    );
    assert.equal(job.reference, null);
    assert.deepEqual(
      job.errors.map(({ type, message }) => [type, message]),
      [["BackupError", "There is no room at /backups"]],
    );
    assert.equal(job.done, true);
    assert.equal(job.progress, 0);
  });

  test("keeps the error of a further copy away from its root, and nobody waits for a dead location", () => {
    const error = { problem: "unreachable", message: "The place does not answer" } as const;
    const retryAt = "2026-08-01T10:30:00.000Z";
    const deliver: DescribedStep = { ...step, kind: "deliver", location: "nas" };
    const steps: DescribedStep[] = [
      ...run.steps,
      { ...deliver, state: "waiting-to-retry", retryAt, error },
      { ...deliver, kind: "verify", state: "queued" },
    ];
    const job = backupJob(backup({ run: { ...run, state: "running", steps } }), 1);
    assert.deepEqual(job.errors, []);
    assert.equal(job.done, true);
    const copies = job.child_jobs.at(-1);
    assert.equal(copies?.name, "backup_copy_to_additional_locations");
    assert.deepEqual(
      copies?.child_jobs.map((copy) => [copy.name, copy.reference, copy.errors[0]?.message]),
      [["backup_copy_to_location", "nas", "The place does not answer"]],
    );
  });

  test("tells its stage and percent while it is made", () => {
    const making = (part: string): Job => {
      const progress = { step: "backup", part, bytes: 1, totalBytes: 4 };
      const steps: DescribedStep[] = [
        { ...step, state: "running", percent: 25, progress },
        { ...step, kind: "verify", state: "queued" },
      ];
      return backupJob(backup({ run: { ...run, state: "running", steps } }), 1);
    };
    assert.equal(making("homeassistant").stage, "home_assistant");
    assert.equal(making("core_mosquitto").stage, "addons");
    assert.equal(making("share").stage, "folders");
    assert.deepEqual([making("share").done, making("share").progress], [false, 25]);
  });

  test("has not begun while its run waits", () => {
    const steps = run.steps.map((queued): DescribedStep => ({ ...queued, state: "queued" }));
    const parts = [core].map((part): WorkPart => ({ part, state: "queued", error: undefined }));
    const job = backupJob(backup({ run: { ...run, state: "queued", steps }, parts }), 1);
    assert.deepEqual(
      flat(job).map(({ done }) => done),
      [null, null],
    );
  });

  test("whatever becomes of a run that makes, has ids of its own, and ends when the run has ended", () => {
    fc.assert(
      fc.property(anyMakingRun, anyEvents, (begun, events) => {
        const described = describeRun(events.reduce(advanceRun, begun));
        const job = backupJob(backup({ run: described }), 1);
        const ids = flat(job).map(({ uuid }) => uuid);
        assert.equal(new Set(ids).size, ids.length);
        for (const id of ids) assert.match(id, /^[0-9a-f]{32}$/);
        if (described.ended !== undefined) assert.equal(job.done, true);
        if (described.state === "done") assert.deepEqual(job.errors, []);
        if (described.state === "failed")
          assert.ok(flat(job).some(({ errors }) => errors.length > 0));
        assert.ok(job.progress >= 0 && job.progress <= 100);
      }),
      { numRuns: loops(300) },
    );
  });
});

describe("a restore as a job", () => {
  test("is a tree in the order of official restores", () => {
    assert.deepEqual(outline(restoreJob(restore({}), 1)), [
      "backup_manager_full_restore 7fed74c8",
      "  backup_restore_folders 7fed74c8",
      "    backup_folder_restore share",
      "  backup_restore_homeassistant 7fed74c8",
      "  backup_restore_addons 7fed74c8",
      "    backup_addon_restore core_mosquitto",
    ]);
  });

  test("has the errors of parts on its root too, where official servers hide them in the background", () => {
    const parts = [good(core), bad(share, "There is no room")];
    const job = restoreJob(restore({ parts, state: "incomplete" }), 1);
    assert.deepEqual(
      job.errors.map(({ message }) => message),
      ["There is no room"],
    );
    assert.deepEqual(failuresThatCoreSees(job, "backup_restore_folders", "backup_folder_restore"), [
      "share",
    ]);
  });

  test("never passes for good unless it succeeded", () => {
    for (const state of ["incomplete", "failed", "cancelled"] as const)
      assert.notEqual(restoreJob(restore({ state }), 1).errors.length, 0, state);
    assert.deepEqual(restoreJob(restore({}), 1).errors, []);
  });
});
