// Runs by itself below `unshare --mount`: a remote on a small disk.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { someBytes } from "#storage/contract/objects.ts";
import { RcloneStorage } from "#storage/rclone/provider.ts";
import { parseRcloneSettings } from "#storage/rclone/settings.ts";

const { signal } = new AbortController();
const megabyte = 1_000_000;

execFileSync("mount", ["--make-rprivate", "/"]);
const path = mkdtempSync(join(tmpdir(), "safehouse-rclone-full-"));
execFileSync("mount", ["-t", "tmpfs", "-o", "size=8m", "none", path]);
try {
  const storage = new RcloneStorage(parseRcloneSettings({ remote: `:local:${path}` }));
  async function* open() {
    for (let chunk = 0; chunk < 200; chunk += 1) yield someBytes(100_000);
  }
  await assert.rejects(storage.write("known", { open, size: 20 * megabyte }, signal), {
    problem: "full",
    message: /needs 20000000 bytes of free space, but only \d+ are free/,
  });
  await assert.rejects(storage.write("unknown", { open }, signal), { problem: "full" });
  assert.deepEqual(readdirSync(path), []);
} finally {
  execFileSync("umount", ["--lazy", path]);
  rmdirSync(path);
}
