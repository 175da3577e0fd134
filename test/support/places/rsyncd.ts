import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { chmod, chown, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort, untilAnswers } from "./free-port.ts";
import { noOwnMounts } from "./own-mounts.ts";
import { killTree } from "./process-tree.ts";

/**
 * A running rsync daemon, of this test alone. Its modules: `data` for everybody, `locked` with a password, and
 * `strict`, which is caged where that is permitted and refuses `--fsync`, all the same folder; `fixed`, which is read-only; `gone`, whose folder is missing; `small`, a disk of 8 MiB.
 */
export interface Rsyncd extends AsyncDisposable {
  readonly port: number;
  /** The folder of `data`, `locked` and `strict`. */
  readonly folder: string;
  readonly user: string;
  readonly password: string;
}

/** Why no such daemon can be started here, for `skip`; false if it can. */
export const noRsync = ((): string | false => {
  try {
    execFileSync("rsync", ["--version"]);
    return false;
  } catch {
    return "absent: rsync";
  }
})();

// A daemon's list of users is divided by blanks and commas, and : has a meaning in it.
const user = "o'b@$1%ü";
const password = `pass "word" 'ü' $HOME %s #1 \\ 🏠`;
/** Of the daemon's processes. Not root, so that permissions count. */
const ownId = 65_534;

export async function startRsyncd(): Promise<Rsyncd> {
  const home = await mkdtemp(join(tmpdir(), "safehouse-rsyncd-"));
  await chmod(home, 0o755);
  const folder = join(home, "data");
  const isRoot = process.getuid?.() === 0;
  for (const name of ["data", "fixed", "small"]) {
    await mkdir(join(home, name));
    if (isRoot) await chown(join(home, name), ownId, ownId);
  }
  const port = await freePort();
  const modules = {
    data: { path: folder },
    locked: {
      path: folder,
      "auth users": user,
      "secrets file": join(home, "secrets"),
    },
    strict: {
      path: folder,
      "refuse options": "fsync",
      "use chroot": isRoot ? "yes" : "no",
    },
    fixed: { path: join(home, "fixed"), "read only": "yes" },
    gone: { path: join(home, "gone") },
    small: { path: join(home, "small") },
  };
  const lines = ["use chroot = no", "read only = no"];
  if (isRoot) lines.push(`uid = ${ownId}`, `gid = ${ownId}`);
  for (const [name, settings] of Object.entries(modules)) {
    lines.push(`[${name}]`, ...Object.entries(settings).map(([key, value]) => `${key} = ${value}`));
  }
  await writeFile(join(home, "config"), `${lines.join("\n")}\n`);
  await writeFile(join(home, "secrets"), `${user}:${password}\n`, { mode: 0o600 });
  const daemon = [
    "rsync",
    "--daemon",
    "--no-detach",
    `--port=${port}`,
    "--address=127.0.0.1",
    `--config=${home}/config`,
  ];
  const script = `mount --make-rprivate / && mount -t tmpfs -o size=8m,uid=${ownId} none "$0" && exec "$@"`;
  const [program = "rsync", ...args] =
    noOwnMounts === false
      ? ["unshare", "--mount", "sh", "-c", script, join(home, "small"), ...daemon]
      : daemon;
  const child = spawn(program, args, { stdio: ["ignore", "ignore", "pipe"] });
  let log = "";
  child.stderr.setEncoding("utf8").on("data", (said: string) => (log += said));
  const ended = once(child, "exit");
  await untilAnswers(port, () => (child.exitCode === null ? undefined : log));
  return {
    port,
    folder,
    user,
    password,
    async [Symbol.asyncDispose]() {
      killTree(child.pid ?? 0);
      await ended;
      await rm(home, { recursive: true, force: true });
    },
  };
}
