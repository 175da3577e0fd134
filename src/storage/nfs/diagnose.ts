import { access, constants } from "node:fs/promises";
import type { DiagnosisStep } from "../diagnosis.ts";
import { StorageError } from "../errors.ts";
import { reachHost } from "../reach-host.ts";
import { mountExport } from "./mount-export.ts";
import { sourceOf, type NfsSettings } from "./settings.ts";

/** As `CatalogEntry.diagnose`. */
export async function* diagnoseNfs(
  settings: NfsSettings,
  signal: AbortSignal,
): AsyncGenerator<DiagnosisStep, void, undefined> {
  const { host, mountPoint, version } = settings;
  // Version 3 finds its ports by the port mapper.
  const port = settings.port ?? (version === "3" ? 111 : 2049);
  for await (const step of reachHost({ host, port, server: "an NFS server" }, signal)) {
    yield step;
    if (!step.ok) return;
  }
  const source = sourceOf(settings);
  try {
    await mountExport(settings);
  } catch (error) {
    if (!(error instanceof StorageError)) throw error;
    const subject = error.problem === "denied" ? "permission" : "path";
    yield { subject, ok: false, message: error.message };
    return;
  }
  yield { subject: "path", ok: true, message: `${source} is mounted at ${mountPoint}` };
  const mayWrite = await access(mountPoint, constants.W_OK).then(
    () => true,
    () => false,
  );
  if (mayWrite) yield { subject: "permission", ok: true, message: "We may write there" };
  else
    yield {
      subject: "permission",
      ok: false,
      message: `This user may not write to ${mountPoint}`,
      advice:
        "Export it read-write, and without squashing this user (no_root_squash) or for its id",
    };
}
