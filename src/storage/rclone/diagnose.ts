import type { DiagnosisStep, DiagnosisSubject } from "../diagnosis.ts";
import { StorageError } from "../errors.ts";
import type { StorageProblem } from "../errors.ts";
import { thisProcess } from "../owner.ts";
import { runProgram } from "../start-program.ts";
import { temporaryName } from "../temporary-name.ts";
import { RcloneRemote } from "./remote.ts";
import type { RcloneSettings } from "./settings.ts";
import { sharedControl } from "./shared-control.ts";

/**
 * Tries a remote step by step: rclone itself, its configuration and the sign-in, the folder, what we may do there, the room.
 * Ends behind the first step that fails.
 */
export async function* diagnoseRclone(
  settings: RcloneSettings,
  signal: AbortSignal,
): AsyncGenerator<DiagnosisStep, void, undefined> {
  const control = sharedControl(settings);
  const remote = new RcloneRemote(control, settings.remote);
  const steps: readonly (readonly [DiagnosisSubject, () => Promise<string>])[] = [
    ["program", () => version(signal)],
    ["sign-in", () => opens(remote, settings.remote, signal)],
    ["path", () => lists(remote, settings.remote, signal)],
    ["permission", () => writes(remote, signal)],
    ["space", () => room(remote, signal)],
  ];
  for (const [subject, look] of steps) {
    try {
      yield { subject, ok: true, message: await look() };
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof StorageError)) throw error;
      yield failed(subject, error);
      return;
    }
  }
}

function failed(subject: DiagnosisSubject, error: StorageError): DiagnosisStep {
  const { problem, message } = error;
  const found = explained[problem];
  const advice = found?.advice ?? 'Try the same remote with "rclone lsf" and see what it says';
  const noAnswer = problem === "unreachable" && !isMissing(error.cause);
  return { subject: noAnswer ? "port" : (found?.subject ?? subject), ok: false, message, advice };
}

/** True if the place answered that there is no such folder. */
function isMissing(cause: unknown): boolean {
  return cause instanceof StorageError && cause.problem === "not-found";
}

/** What a failure is about, whichever step has met it. */
const explained: Readonly<
  Partial<Record<StorageProblem, { readonly subject?: DiagnosisSubject; readonly advice: string }>>
> = {
  "sign-in": {
    subject: "sign-in",
    advice: 'Sign in again with "rclone config reconnect", or check the passwords',
  },
  unsupported: {
    advice: 'Check the name of the remote with "rclone listremotes", and that rclone is new enough',
  },
  unreachable: { advice: "Check that the place is there, switched on and connected" },
  denied: { advice: "Check what the account of this remote may do there" },
  "read-only": { subject: "permission", advice: "Choose a place that can be written to" },
  full: { subject: "space", advice: "Free some space there or choose another place" },
};

async function version(signal: AbortSignal): Promise<string> {
  const { code, output } = await runProgram({ program: "rclone", args: ["version"], signal });
  const [first = ""] = output.split("\n");
  if (code === 0 && first.startsWith("rclone")) return `This is ${first.trim()}`;
  throw new StorageError("unsupported", "The program rclone does not run here");
}

async function opens(remote: RcloneRemote, name: string, signal: AbortSignal): Promise<string> {
  await remote.facts(signal);
  return `rclone opens ${name}`;
}

async function lists(remote: RcloneRemote, name: string, signal: AbortSignal): Promise<string> {
  const { length } = await remote.list("", signal);
  return `${name} is there, with ${length} ${length === 1 ? "file" : "files"} at its top`;
}

async function writes(remote: RcloneRemote, signal: AbortSignal): Promise<string> {
  const key = temporaryName(thisProcess());
  try {
    await remote.writeSmall(
      key,
      Buffer.from("Safehouse tries whether it may write here\n"),
      signal,
    );
    await remote.stat(key, signal);
    await remote.remove(key, signal);
  } catch (error) {
    await remote.discard(key);
    throw error;
  }
  return "Objects can be written and removed";
}

async function room(remote: RcloneRemote, signal: AbortSignal): Promise<string> {
  const space = await remote.space(signal);
  if (space === undefined) return "This place does not tell how much room it has";
  return `${Math.floor(space.freeBytes / 1_000_000)} MB are free`;
}
