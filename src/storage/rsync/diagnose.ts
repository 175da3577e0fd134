import type { DiagnosisStep, DiagnosisSubject } from "../diagnosis.ts";
import { StorageError } from "../errors.ts";
import { reachHost } from "../reach-host.ts";
import { runProgram } from "../start-program.ts";
import { compareAdvice, pinnedHostKey } from "./known-host.ts";
import { lookAt } from "./look-at.ts";
import { RsyncStorage } from "./provider.ts";
import { Rsync } from "./rsync.ts";
import type { RsyncSettings } from "./settings.ts";
import { unfinishedFolder, uploadId } from "./working-names.ts";

/**
 * The steps `program`, `name`, `port`, for SSH `host-key`, then `sign-in`, `path` and `permission`; rsync tells of no space.
 * Ends behind the first that fails.
 */
export async function* diagnoseRsync(
  settings: RsyncSettings,
  signal: AbortSignal,
): AsyncGenerator<DiagnosisStep, void, undefined> {
  const { host, way } = settings;
  const programs = way.kind === "ssh" ? ["rsync", "ssh", "ssh-keyscan"] : ["rsync"];
  const program = await lookForPrograms(programs, signal);
  yield program;
  if (!program.ok) return;
  const server = way.kind === "ssh" ? "an SSH server" : "an rsync daemon";
  for await (const step of reachHost({ host, port: way.port, server }, signal)) {
    yield step;
    if (!step.ok) return;
  }
  if (way.kind === "ssh") {
    const step = await lookAtKey({ host, ...way }, signal);
    yield step;
    if (!step.ok) return;
  }
  yield* lookInside(settings, signal);
}

async function lookForPrograms(
  programs: readonly string[],
  signal: AbortSignal,
): Promise<DiagnosisStep> {
  const subject = "program";
  for (const program of programs) {
    try {
      await runProgram({ program, args: ["-V"], signal });
    } catch (error) {
      if (!(error instanceof StorageError)) throw error;
      const advice = "Install rsync and openssh-client on this machine";
      return { subject, ok: false, message: error.message, advice };
    }
  }
  return { subject, ok: true, message: `This machine has ${programs.join(", ")}` };
}

async function lookAtKey(
  pinned: { readonly host: string; readonly port: number; readonly hostKey: string | undefined },
  signal: AbortSignal,
): Promise<DiagnosisStep> {
  const subject = "host-key";
  try {
    const { fingerprint } = await pinnedHostKey(pinned, signal);
    return { subject, ok: true, message: `${pinned.host} shows the key ${fingerprint}` };
  } catch (error) {
    if (!(error instanceof StorageError)) throw error;
    const { message, facts } = error;
    const shown = facts?.["hostKey"];
    if (shown === undefined)
      return { subject, ok: false, message, advice: "Check that an SSH server runs at that port" };
    const first =
      pinned.hostKey === undefined
        ? compareAdvice
        : `Find out why it has another key. If the machine was set up anew: ${compareAdvice}`;
    return {
      subject,
      ok: false,
      message,
      advice: `${first}, then set hostKey to ${String(shown)}`,
    };
  }
}

/** The steps that need a run of rsync. */
async function* lookInside(
  settings: RsyncSettings,
  signal: AbortSignal,
): AsyncGenerator<DiagnosisStep, void, undefined> {
  const { host, way, path } = settings;
  const rsync = new Rsync(settings);
  const who = way.user ?? "whoever comes";
  const folder = way.kind === "daemon" ? `${way.module}/${path}` : path;
  const signedIn: DiagnosisStep = {
    subject: "sign-in",
    ok: true,
    message: `${host} lets ${who} in`,
  };
  try {
    await lookAt(rsync, `${unfinishedFolder}nothing`, signal);
  } catch (error) {
    const step = failed(error, isRefusal(error) ? "sign-in" : "path");
    if (step.subject === "path") yield signedIn;
    yield step;
    return;
  }
  yield signedIn;
  yield { subject: "path", ok: true, message: `${folder} is there` };
  yield await tryWriting(settings, folder, signal);
}

/** Takes the way of large objects, which asks more of the rsync there than that of small ones. */
async function tryWriting(
  settings: RsyncSettings,
  folder: string,
  signal: AbortSignal,
): Promise<DiagnosisStep> {
  const storage = new RsyncStorage(settings);
  const key = `.safehouse/trial-${uploadId(false)}`;
  const bytes = Buffer.from("Safehouse was here");
  const content = {
    size: bytes.length,
    resume: { state: undefined, keep: async () => undefined },
    async *open() {
      yield bytes;
    },
  };
  try {
    await storage.write(key, content, signal);
    await storage.remove(key, signal);
  } catch (error) {
    return failed(error, "permission");
  }
  const message = `Files can be written to ${folder} and removed`;
  return { subject: "permission", ok: true, message };
}

function isRefusal(error: unknown): boolean {
  return error instanceof StorageError && error.problem === "sign-in";
}

function failed(error: unknown, subject: DiagnosisSubject): DiagnosisStep {
  if (!(error instanceof StorageError)) throw error;
  return { subject, ok: false, message: error.message, advice: advices[subject] ?? "" };
}

const advices: Partial<Record<DiagnosisSubject, string>> = {
  "sign-in": "Check the user, and that the server knows this password or key",
  path: "Check how the module and the folder are written, that rsync is installed there, and that its disk is mounted",
  permission:
    "Give this user the right to write there, and see whether the disk is full or read-only",
};
