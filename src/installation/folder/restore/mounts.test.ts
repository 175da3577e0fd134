import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";

const mayMount = spawnSync(
  "unshare",
  ["--mount", "sh", "-c", "mkdir -p /tmp && mount -t tmpfs none /mnt"],
  { encoding: "utf8" },
);
const skip = mayMount.status === 0 ? false : "no right to make mounts of one's own here";

/** Each case runs in a mount name space of its own, so nothing has to be unmounted; its folder is left to us. */
function runCase(name: string): void {
  const script = new URL("testing/mount-cases.ts", import.meta.url).pathname;
  const folder = mkdtempSync(join(tmpdir(), "safehouse-mounts-"));
  try {
    const env = { ...process.env, TMPDIR: folder };
    const options = { encoding: "utf8", env } as const;
    const { status, stdout, stderr } = spawnSync(
      "unshare",
      ["--mount", process.execPath, script, name],
      options,
    );
    assert.equal(status, 0, `${stdout}\n${stderr}`);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

test("a root that is a mount point is restored, undone and stays a mount point", { skip }, () =>
  runCase("rootIsMount"),
);
test("roots on two mounts of one file system are each staged on their own", { skip }, () =>
  runCase("twoBinds"),
);
test("a nested mount is carried over, and entries below it are skipped with a note", { skip }, () =>
  runCase("nestedMount"),
);
test("a stage on another mount than its root is refused before anything is written", { skip }, () =>
  runCase("stageElsewhere"),
);
test("a read-only root is refused first", { skip }, () => runCase("readOnly"));
test("parts that cannot fit are refused with both numbers", { skip }, () => runCase("tooLarge"));
test("a disk that becomes full while staging ends cleanly", { skip }, () => runCase("fillsUp"));
test("something mounted since the restore stops an undo", { skip }, () => runCase("mountedLater"));
