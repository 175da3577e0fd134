import { hostname } from "node:os";
import { join } from "node:path";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import type { SupervisorHome } from "#api/supervisor/supervisor-home.ts";
import { buildSampleHome } from "#test/sample-home.ts";
import { RealBackups } from "./real-backups.ts";
import { KeptMounts } from "./kept-mounts.ts";
import { WorkList } from "./work-list.ts";

/**
 * A home on disk behind the Supervisor's API: real archives in real folders, made and restored by the jobs of the
 * program. Mounts are folders beside them.
 */
export class RealHome implements SupervisorHome, AsyncDisposable {
  /** The sample home and the backups lie below it. */
  readonly folder = mkdtempSync(join(tmpdir(), "safehouse-supervisor-"));
  readonly jobs = new WorkList();
  readonly mounts = new KeptMounts();
  readonly backups: RealBackups;
  readonly info: SupervisorHome["info"] = {
    describe: async () => ({
      version: "2026.8.1",
      hostname: hostname(),
      operatingSystem: "Debian GNU/Linux 12",
      arch: process.arch,
      timeZone: "Europe/Berlin",
      addons: [
        { slug: "core_mosquitto", name: "Mosquitto broker", version: "6.5.0" },
        { slug: "local_own", name: "Own", version: "1.2.3" },
      ],
      networkInterfaces: [{ name: "eth0", ipv4: ["192.168.1.2/24"], ipv6: [] }],
    }),
  };

  constructor() {
    buildSampleHome(this.folder);
    this.backups = new RealBackups(this.folder, this.mounts, this.jobs);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.backups[Symbol.asyncDispose]();
    rmSync(this.folder, { recursive: true, force: true });
  }
}
