import { randomBytes } from "node:crypto";
import type { DiagnosisStep, DiagnosisSubject } from "../diagnosis.ts";
import { reachHost } from "../reach-host.ts";
import { adviceFor } from "./advice.ts";
import { asStorageError } from "./errors.ts";
import { enterShare, openSession, type Session } from "./open-share.ts";
import { versionName } from "./protocol/dialect.ts";
import { listShares } from "./protocol/shares.ts";
import { isStatus } from "./protocol/smb-error.ts";
import { SmbStorage } from "./provider.ts";
import type { SmbSettings } from "./settings.ts";
import { whereOf } from "./where.ts";

/** Tries out a share from the name of its server to a file that is written, read and removed. */
export async function* diagnoseSmb(
  settings: SmbSettings,
  signal: AbortSignal,
): AsyncGenerator<DiagnosisStep, void, undefined> {
  const { host, port } = settings;
  for await (const step of reachHost({ host, port, server: "a server for SMB" }, signal)) {
    yield step;
    if (!step.ok) return;
  }
  let session: Session;
  try {
    session = await openSession(settings, signal);
  } catch (error) {
    yield failed("sign-in", { error, settings }, signal);
    return;
  }
  try {
    yield { subject: "sign-in", ok: true, message: signedInAs(settings, session) };
    const entered = await tryShare(session, settings, signal);
    yield entered;
    if (!entered.ok) return;
  } finally {
    session.connection.end();
  }
  yield* tryStorage(settings, signal);
}

function signedInAs({ user }: SmbSettings, { connection, negotiation }: Session): string {
  const version = versionName(negotiation.agreement.dialect);
  const how = connection.protection?.seals === true ? ", encrypted" : "";
  return `Signed in as ${user === "" ? "a guest" : user} over SMB ${version}${how}`;
}

async function tryShare(
  session: Session,
  settings: SmbSettings,
  signal: AbortSignal,
): Promise<DiagnosisStep> {
  try {
    await enterShare(session, settings, signal);
    return { subject: "path", ok: true, message: `The share ${settings.share} is there` };
  } catch (error) {
    const step = failed("path", { error, settings }, signal);
    if (!isStatus(error, "BAD_NETWORK_NAME")) return step;
    const shares = await sharesOf(session, settings, signal);
    const advice =
      shares.length === 0
        ? "Check how the share is written; the server tells nobody what it shares"
        : `Use one of the shares that there are: ${shares.join(", ")}`;
    return { ...step, advice };
  }
}

/** None where the server does not tell. */
async function sharesOf(
  { connection }: Session,
  { host }: SmbSettings,
  signal: AbortSignal,
): Promise<readonly string[]> {
  try {
    return await listShares(connection, host, signal);
  } catch {
    signal.throwIfAborted();
    return [];
  }
}

async function* tryStorage(
  settings: SmbSettings,
  signal: AbortSignal,
): AsyncGenerator<DiagnosisStep, void, undefined> {
  const storage = new SmbStorage(settings);
  const where = whereOf(settings);
  const attempts: readonly [DiagnosisSubject, () => Promise<string>][] = [
    [
      "path",
      async () => {
        for await (const page of storage.list("", signal)) if (page.length > 0) break;
        return `The folder ${where} is there`;
      },
    ],
    ["permission", () => tryOut(storage, signal)],
    [
      "space",
      async () => {
        const space = await storage.freeSpace(signal);
        if (space === undefined) return "The server does not tell how much is free";
        return `${Math.floor(space.freeBytes / 1_000_000)} MB are free`;
      },
    ],
  ];
  for (const [subject, attempt] of attempts) {
    try {
      yield { subject, ok: true, message: await attempt() };
    } catch (error) {
      yield failed(subject, { error, settings }, signal);
      return;
    }
  }
}

async function tryOut(storage: SmbStorage, signal: AbortSignal): Promise<string> {
  const key = `.safehouse-test-${randomBytes(6).toString("hex")}`;
  const bytes = randomBytes(64);
  const open = async function* () {
    yield bytes;
  };
  await storage.write(key, { open }, signal);
  const found = Buffer.concat(await Array.fromAsync(await storage.read(key, undefined, signal)));
  await storage.remove(key, signal);
  if (!found.equals(bytes)) throw new Error("What was written came back as something else");
  return "Files can be written, read and removed";
}

function failed(
  subject: DiagnosisSubject,
  { error, settings }: { readonly error: unknown; readonly settings: SmbSettings },
  signal: AbortSignal,
): DiagnosisStep {
  signal.throwIfAborted();
  const told = asStorageError(error, { where: whereOf(settings) });
  const message = told instanceof Error ? told.message : String(told);
  const advice = adviceFor(error, settings);
  return { subject, ok: false, message, ...(advice === undefined ? {} : { advice }) };
}
