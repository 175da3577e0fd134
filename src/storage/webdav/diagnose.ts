import { randomBytes } from "node:crypto";
import type { DiagnosisStep, DiagnosisSubject } from "../diagnosis.ts";
import { reachHost } from "../reach-host.ts";
import { readShort, Refusal } from "./answer.ts";
import { certificateStep } from "./certificate-step.ts";
import { asStorageError } from "./errors.ts";
import { filesUrl, Nextcloud } from "./nextcloud.ts";
import { isMissing, WebdavPlace } from "./place.ts";
import { putOf } from "./plain-writer.ts";
import type { WebdavSettings } from "./settings.ts";
import { release, takeTemporaryName } from "./temporary-name.ts";

/** Tries a place step by step; the first that fails ends it. */
export async function* diagnoseWebdav(
  settings: WebdavSettings,
  signal: AbortSignal,
): AsyncGenerator<DiagnosisStep, void, undefined> {
  for await (const step of steps(settings, signal)) {
    yield step;
    if (!step.ok) return;
  }
}

async function* steps(
  settings: WebdavSettings,
  signal: AbortSignal,
): AsyncGenerator<DiagnosisStep, void, undefined> {
  const { hostname, port: given, protocol } = new URL(settings.origin);
  const isEncrypted = protocol === "https:";
  const host = hostname.replace(/^\[(.*)\]$/, "$1");
  const port = given === "" ? (isEncrypted ? 443 : 80) : Number(given);
  yield* reachHost({ host, port, server: "the WebDAV server" }, signal);
  if (isEncrypted) yield certificateStep({ host, port, trust: settings.trust }, signal);
  else yield unencrypted;
  const place = new WebdavPlace(settings);
  const error = await errorOf(() => lookAtFolder(place, signal), signal);
  yield signInStep(place, error);
  yield pathStep(place, error, signal);
  yield permissionStep(place, signal);
  yield spaceStep(place, signal);
}

const unencrypted: DiagnosisStep = {
  subject: "host-key",
  ok: true,
  message: "The connection is not encrypted: whoever listens to it learns the password",
  advice: "Use https:// where the server has it",
};

async function lookAtFolder(place: WebdavPlace, signal: AbortSignal): Promise<void> {
  const path = place.client.path(place.settings.folder, true);
  await place.client.propertiesOf(path, ["DAV: resourcetype"], signal);
}

function signInStep(place: WebdavPlace, error: unknown): DiagnosisStep {
  const { account } = place.settings;
  // Whatever else was answered, we were let in.
  const isIn = error === undefined || (error instanceof Refusal && error.status !== 401);
  if (!isIn && error instanceof Error && (error instanceof Refusal || "code" in error)) {
    return failed("sign-in", error, {
      place,
      advice: "Check user and password; Nextcloud wants an app password (Settings, Security)",
    });
  }
  const message = account === undefined ? "Nobody has to sign in" : `Signed in as ${account.user}`;
  return { subject: "sign-in", ok: true, message };
}

async function pathStep(
  place: WebdavPlace,
  error: unknown,
  signal: AbortSignal,
): Promise<DiagnosisStep> {
  const folder = `/${place.settings.folder.join("/")}`;
  if (error === undefined) return { subject: "path", ok: true, message: `${folder} is there` };
  const better = await betterUrl(place, signal);
  if (better !== undefined) {
    const message = `The server has no WebDAV folder ${folder}`;
    return { subject: "path", ok: false, message, advice: `Try the URL ${better}` };
  }
  if (isMissing(error)) {
    const message = `There is no folder ${folder} on the server`;
    const advice = "Check how the URL is written, or make the folder";
    return { subject: "path", ok: false, message, advice };
  }
  return failed("path", error, {
    place,
    advice: "Check the URL: it has to be that of a WebDAV folder",
  });
}

/** Where Nextcloud has the files of this user, if it is one and the URL says otherwise. */
async function betterUrl(place: WebdavPlace, signal: AbortSignal): Promise<string | undefined> {
  const { settings, client } = place;
  const at = settings.folder.indexOf("remote.php");
  const root = at < 0 ? [] : settings.folder.slice(0, at);
  let url: string | undefined;
  await errorOf(async () => {
    const status = client.path([...root, "status.php"]);
    const { body } = await client.call({ method: "GET", path: status }, [200], signal);
    if (!body.toString("utf8").includes('"installed"')) return;
    const nextcloud = Nextcloud.at(client, { folder: [...root, "remote.php", "webdav"] });
    const userId = await nextcloud?.userId(signal);
    if (userId !== undefined) url = filesUrl(settings, userId);
  }, signal);
  const given = `${settings.origin}${client.path(settings.folder)}`;
  return url === given ? undefined : url;
}

async function permissionStep(place: WebdavPlace, signal: AbortSignal): Promise<DiagnosisStep> {
  const { client } = place;
  const name = takeTemporaryName();
  const path = place.pathBeside(name, undefined);
  const body = randomBytes(64);
  const error = await errorOf(async () => {
    await client.call({ ...putOf(path), body }, [200, 201, 204], signal);
    const back = await readShort(await client.get(path, {}, signal), 1024);
    await client.delete(path, signal);
    if (!back.equals(body)) throw new Error("What was written is not what is read");
  }, signal);
  release(name);
  if (error !== undefined) {
    return failed("permission", error, {
      place,
      advice: "Check that the user may write, read and remove files in the folder",
    });
  }
  const message = "Files can be written, read and removed";
  return { subject: "permission", ok: true, message };
}

async function spaceStep(place: WebdavPlace, signal: AbortSignal): Promise<DiagnosisStep> {
  let message = "The server does not tell how much space is free";
  const error = await errorOf(async () => {
    const space = await place.freeSpace(signal);
    if (space !== undefined) message = `${(space.freeBytes / 1e9).toFixed(1)} GB are free`;
  }, signal);
  return error === undefined
    ? { subject: "space", ok: true, message }
    : failed("space", error, { place, advice: "Try again" });
}

/** What the work fails with; undefined if it does not. Cancelling rejects. */
async function errorOf(work: () => Promise<void>, signal: AbortSignal): Promise<unknown> {
  try {
    await work();
    return undefined;
  } catch (error) {
    signal.throwIfAborted();
    return error;
  }
}

function failed(
  subject: DiagnosisSubject,
  error: unknown,
  { place, advice }: { readonly place: WebdavPlace; readonly advice: string },
): DiagnosisStep {
  const told = asStorageError(error, place.doing());
  if (!(told instanceof Error)) throw new TypeError("Something was thrown that is no error");
  return { subject, ok: false, message: told.message, advice };
}
