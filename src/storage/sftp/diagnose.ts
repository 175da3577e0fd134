import type { Stats } from "ssh2";
import type { DiagnosisStep, DiagnosisSubject } from "../diagnosis.ts";
import { StorageError } from "../errors.ts";
import { reachHost } from "../reach-host.ts";
import { asStorageError, status, statusOf } from "./errors.ts";
import { diskAt } from "./free-space.ts";
import { compareAdvice } from "./host-key.ts";
import { below } from "./remote-path.ts";
import { SftpSession } from "./session.ts";
import type { SftpSettings } from "./settings.ts";
import { isRegularFile } from "./stored-object.ts";
import { temporaryName } from "./temporary-name.ts";

/** The steps `name`, `port`, `host-key`, `sign-in`, `path`, `permission` and `space`. Ends behind the first that fails. */
export async function* diagnoseSftp(
  settings: SftpSettings,
  signal: AbortSignal,
): AsyncGenerator<DiagnosisStep, void, undefined> {
  const { host, port } = settings;
  for await (const step of reachHost({ host, port, server: "an SSH server" }, signal)) {
    yield step;
    if (!step.ok) return;
  }
  let session: SftpSession;
  try {
    session = await SftpSession.open(settings, signal);
  } catch (error) {
    signal.throwIfAborted();
    const failed = failedOpening(error, settings);
    if (failed.subject !== "host-key") yield keyIsRight(settings);
    if (failed.subject === "path") yield signedIn(settings);
    yield failed;
    return;
  }
  try {
    yield keyIsRight(settings);
    yield signedIn(settings);
    for (const look of [lookForFolder, tryWriting, lookForSpace]) {
      const step = await look(session, settings, signal);
      yield step;
      if (!step.ok) return;
    }
  } finally {
    session.end();
  }
}

function signedIn({ host, user }: SftpSettings): DiagnosisStep {
  return { subject: "sign-in", ok: true, message: `${host} lets ${user} in` };
}

function keyIsRight({ host, hostKey }: SftpSettings): DiagnosisStep {
  return { subject: "host-key", ok: true, message: `${host} shows the key ${hostKey}` };
}

function failedOpening(error: unknown, settings: SftpSettings): DiagnosisStep {
  if (!(error instanceof StorageError)) throw error;
  const { problem, message, facts } = error;
  const fails = (subject: DiagnosisSubject, advice: string): DiagnosisStep => ({
    subject,
    ok: false,
    message,
    advice,
  });
  const shown = facts?.["hostKey"];
  if (shown !== undefined && settings.hostKey === undefined)
    return fails("host-key", `${compareAdvice}, then set hostKey to ${String(shown)}`);
  if (shown !== undefined)
    return fails(
      "host-key",
      `Find out why it has another key. If the machine was set up anew: ${compareAdvice}, then set hostKey to ${String(shown)}`,
    );
  if (problem === "sign-in")
    return fails("sign-in", "Check the user, and that the server knows this password or key");
  if (/no SFTP/.test(message))
    return fails("path", "Switch SFTP on for this user, for a NAS in its settings");
  return fails("host-key", "Check that an SSH server of today runs at that port");
}

type Look = (
  session: SftpSession,
  settings: SftpSettings,
  signal: AbortSignal,
) => Promise<DiagnosisStep>;

const lookForFolder: Look = async (session, { path }, signal) => {
  const fails = (message: string, advice: string): DiagnosisStep => ({
    subject: "path",
    ok: false,
    message,
    advice,
  });
  try {
    const stats = await session.ask<Stats>((sftp, answer) => sftp.stat(path, answer), signal);
    if (!isRegularFile(stats)) return { subject: "path", ok: true, message: `${path} is there` };
    return fails(`${path} is a file`, "Name a folder");
  } catch (error) {
    signal.throwIfAborted();
    if (statusOf(error) !== status.noSuchFile)
      return fails(said(error, path), "Check what this user may see there");
    return fails(
      `There is no folder ${path}`,
      "Check how it is written: for some servers the way to it begins at the folder of the sign-in, and its disk has to be mounted",
    );
  }
};

const tryWriting: Look = async (session, { path }, signal) => {
  const probe = below(path, temporaryName(false));
  try {
    const handle = await session.ask<Buffer>(
      (sftp, answer) => sftp.open(probe, "wx", { mode: 0o600 }, answer),
      signal,
    );
    const bytes = Buffer.from("Safehouse was here");
    await session.ask<unknown>(
      (sftp, answer) => sftp.write(handle, bytes, 0, bytes.length, 0, answer as () => void),
      signal,
    );
    await session.ask<void>((sftp, answer) => sftp.close(handle, answer), signal);
    await session.ask<void>((sftp, answer) => sftp.unlink(probe, answer), signal);
    return {
      subject: "permission",
      ok: true,
      message: `Files can be written to ${path} and removed`,
    };
  } catch (error) {
    signal.throwIfAborted();
    return {
      subject: "permission",
      ok: false,
      message: said(error, path),
      advice:
        "Give this user the right to write there, and see whether the disk is full or read-only",
    };
  }
};

const lookForSpace: Look = async (session, { path }, signal) => {
  const disk = await diskAt(session, path, signal).catch((error: unknown) => said(error, path));
  signal.throwIfAborted();
  const subject = "space";
  if (disk === undefined)
    return { subject, ok: true, message: "The server does not tell how much space is free" };
  if (typeof disk === "string")
    return { subject, ok: false, message: disk, advice: "Check the disk of the server" };
  const gigabytes = (disk.freeBytes / 1e9).toFixed(1);
  if (disk.freeBytes > 0) return { subject, ok: true, message: `${gigabytes} GB are free` };
  return { subject, ok: false, message: "No space is free", advice: "Free some space there" };
};

function said(error: unknown, subject: string): string {
  const told = asStorageError(error, subject);
  return told instanceof Error ? told.message : String(told);
}
