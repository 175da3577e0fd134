import { strict as assert } from "node:assert";
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { StorageError } from "../errors.ts";
import { mountExport } from "./mount-export.ts";
import { unmountExport } from "./unmount-export.ts";
import { mountAt } from "./mounts.ts";
import { parseNfsSettings, sourceOf } from "./settings.ts";

/** A program in place of `mount.nfs`: what it is given, and how it ends. */
function mounter(context: TestContext, script: string) {
  const folder = mkdtempSync(join(tmpdir(), "safehouse-nfs-"));
  context.after(() => rmSync(folder, { recursive: true }));
  const program = join(folder, "mount.nfs");
  writeFileSync(program, `#!/bin/sh\nprintf '%s\\n' "$@" > ${folder}/given\n${script}\n`);
  chmodSync(program, 0o755);
  const given = (): string[] => readFileSync(join(folder, "given"), "utf8").trim().split("\n");
  return { folder, program, given };
}

test("an export is mounted softly, without programs and devices of the server", async (context) => {
  const { folder, program, given } = mounter(context, "exit 0");
  const mountPoint = join(folder, "here");
  const stored = { host: "nas.lan", export: "/volume 1/backups", version: "4.2", mountPoint };
  await mountExport(parseNfsSettings(stored), { program, mounts: async () => "" });
  const [source, target, , options = ""] = given();
  assert.deepEqual([source, target], ["nas.lan:/volume 1/backups", mountPoint]);
  for (const option of ["soft", "nosuid", "nodev", "noexec", "vers=4.2"])
    assert.ok(options.split(",").includes(option), option);
});

test("what is mounted already is not mounted again, and something else there is no place for backups", async (context) => {
  const { program } = mounter(context, "exit 1");
  const settings = parseNfsSettings({ host: "nas.lan", export: "/b", mountPoint: "/mnt/my nas" });
  const line = (source: string, type: string) => async () =>
    `29 1 0:26 / / rw - ext4 /dev/sda1 rw\n36 29 0:51 / /mnt/my\\040nas rw,noatime shared:1 - ${type} ${source} rw\n`;
  await mountExport(settings, { program, mounts: line("nas.lan:/b", "nfs4") });
  const other = mountExport(settings, { program, mounts: line("/dev/sdb1", "ext4") });
  await assert.rejects(other, { problem: "unreachable", message: /^\/dev\/sdb1 is mounted at/u });
});

test("each way to fail is told by its cause", async (context) => {
  for (const [said, problem, words] of [
    [
      "mount.nfs: access denied by server while mounting nas:/b",
      "denied",
      /does not let this machine in/u,
    ],
    [
      "mount.nfs: mounting nas:/b failed, reason given by server: No such file or directory",
      "not-found",
      /no such export/u,
    ],
    [
      "mount.nfs: Failed to resolve server nas: Name or service not known",
      "unreachable",
      /no address/u,
    ],
    ["mount.nfs: Connection refused for nas:/b on /mnt", "unreachable", /nothing answers/u],
    ["mount.nfs: Connection timed out for nas:/b on /mnt", "unreachable", /does not answer/u],
    [
      "mount.nfs: requested NFS version or transport protocol is not supported for /mnt",
      "unsupported",
      /version/u,
    ],
    [
      "mount.nfs: failed to apply fstab options: must be superuser to use mount",
      "denied",
      /only root/u,
    ],
    ["mount: /mnt: unknown filesystem type 'nfs'.", "unsupported", /has no NFS/u],
  ] as const) {
    const { folder, program } = mounter(context, `echo "${said}" >&2; exit 32`);
    const mountPoint = join(folder, "here");
    const settings = parseNfsSettings({ host: "nas", export: "/b", mountPoint });
    const mounting = mountExport(settings, { program, mounts: async () => "" });
    await assert.rejects(mounting, (error: unknown) => {
      assert.ok(error instanceof StorageError, said);
      assert.deepEqual([error.problem, words.test(error.message)], [problem, true], said);
      return true;
    });
  }
});

test("a machine without NFS is told what it lacks", async (context) => {
  const { folder } = mounter(context, "");
  const settings = parseNfsSettings({
    host: "nas",
    export: "/b",
    mountPoint: join(folder, "here"),
  });
  const tools = { program: join(folder, "none"), mounts: async () => "" };
  await assert.rejects(mountExport(settings, tools), { problem: "unsupported" });
});

test("settings that cannot be mounted are refused, and others have a mount point of their own", () => {
  for (const stored of [
    undefined,
    { host: "nas" },
    { host: "nas", export: "backups" },
    { host: "nas -o exec", export: "/b" },
    { host: "nas", export: "/b", version: "5" },
    { host: "nas", export: "/b", mountPoint: "here" },
  ])
    assert.throws(() => parseNfsSettings(stored), { problem: "usage" });
  const one = parseNfsSettings({ host: "nas", export: "/b" });
  const two = parseNfsSettings({ host: "nas", export: "/c" });
  assert.notEqual(one.mountPoint, two.mountPoint);
  assert.equal(sourceOf({ host: "fd00::1", export: "/b" }), "[fd00::1]:/b");
});

test("what is mounted at a path is read off the system's own list", () => {
  const text = readFileSync("/proc/self/mountinfo", "utf8");
  assert.equal(mountAt(text, "/proc")?.type, "proc");
  assert.equal(mountAt(text, "/no such folder"), undefined);
});

test("what we have mounted is unmounted when its location is forgotten, and nothing else is", async (context) => {
  const { program: unmounter, given } = mounter(context, "exit 0");
  const stored = { host: "nas.lan", export: "/b" };
  const own = parseNfsSettings(stored);
  const mounted = (at: string, source: string) => async () =>
    `36 29 0:51 / ${at} rw shared:1 - nfs4 ${source} rw\n`;
  const others = parseNfsSettings({ ...stored, mountPoint: "/mnt/nas" });
  await unmountExport(others, { mounts: mounted("/mnt/nas", "nas.lan:/b"), unmounter });
  await unmountExport(own, { mounts: mounted(own.mountPoint, "other:/c"), unmounter });
  assert.throws(given, /ENOENT/u);
  await unmountExport(own, { mounts: mounted(own.mountPoint, "nas.lan:/b"), unmounter });
  assert.deepEqual(given(), ["--lazy", own.mountPoint]);
  const { program: refusing } = mounter(context, "echo 'umount: must be superuser' >&2; exit 32");
  const refused = unmountExport(own, {
    mounts: mounted(own.mountPoint, "nas.lan:/b"),
    unmounter: refusing,
  });
  await assert.rejects(refused, { problem: "denied", message: /must be superuser/u });
});
