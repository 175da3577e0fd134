import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort, untilAnswers } from "./free-port.ts";

const env = { ...process.env, PATH: `${process.env["PATH"]}:/usr/sbin:/sbin` };

/** For `skip`: why there can be no server here, or false. */
export const noGanesha: false | `absent: ${string}` =
  spawnSync("ganesha.nfsd", ["-v"], { env }).error === undefined ? false : "absent: ganesha.nfsd";

/** For `skip`: why nothing can be mounted from a server here, or false. */
export const noKernelNfs: false | `absent: ${string}` = (() => {
  if (process.getuid?.() !== 0) return "absent: permission to mount";
  spawnSync("modprobe", ["nfs"], { env });
  const hasNfs = /\bnfs4?$/mu.test(readFileSync("/proc/filesystems", "utf8"));
  return hasNfs ? false : "absent: NFS in this kernel";
})();

/** An NFS server of version 4 that exports one folder. */
export interface GaneshaServer extends AsyncDisposable {
  readonly port: number;
  /** As clients name it. */
  readonly export: string;
  /** What it exports. */
  readonly folder: string;
}

export async function startGanesha(): Promise<GaneshaServer> {
  const home = await mkdtemp(join(tmpdir(), "safehouse-ganesha-"));
  const folder = join(home, "data");
  for (const path of [folder, join(home, "recovery")]) await mkdir(path);
  const port = await freePort();
  const config = join(home, "ganesha.conf");
  await writeFile(config, configOf(home, port));
  const args = ["-F", "-f", config, "-L", join(home, "log"), "-p", join(home, "pid")];
  const child = spawn("ganesha.nfsd", args, { env, stdio: "ignore" });
  const ended = once(child, "exit");
  await untilAnswers(port, () =>
    child.exitCode === null ? undefined : readFileSync(join(home, "log"), "utf8"),
  );
  return {
    port,
    export: "/backups",
    folder,
    async [Symbol.asyncDispose]() {
      child.kill("SIGKILL");
      await ended;
      await rm(home, { recursive: true, force: true });
    },
  };
}

/** Without the port mapper, which has one place on a machine. */
function configOf(home: string, port: number): string {
  return `NFS_CORE_PARAM {
  NFS_Port = ${port}; Bind_addr = 127.0.0.1; Protocols = 4;
  Enable_NLM = false; Enable_RQUOTA = false;
}
NFSV4 { Grace_Period = 5; RecoveryRoot = ${home}/recovery; RecoveryBackend = fs; }
EXPORT {
  Export_Id = 1; Path = ${home}/data; Pseudo = /backups; Protocols = 4;
  Access_Type = RW; Squash = No_Root_Squash; SecType = sys; FSAL { Name = VFS; }
}
`;
}
