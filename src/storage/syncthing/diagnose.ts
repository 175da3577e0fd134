import type { DiagnosisStep, DiagnosisSubject } from "../diagnosis.ts";
import { StorageError } from "../errors.ts";
import type { StorageProblem } from "../errors.ts";
import { reachHost } from "../reach-host.ts";
import type { StorageProvider } from "../provider.ts";
import { SyncthingApi } from "./api.ts";
import { ignoreUnfinished } from "./ignore-unfinished.ts";
import { fieldsOf, textOf } from "./json.ts";
import { otherDevices } from "./other-devices.ts";
import type { SyncthingSettings } from "./settings.ts";
import { findSharedFolder, others, refuseReceiveOnly, refuseTooFew } from "./shared-folder.ts";
import type { SharedFolder } from "./shared-folder.ts";

export interface SyncthingPlace {
  readonly settings: SyncthingSettings;
  /** The folder itself as a place. */
  readonly local: StorageProvider;
}

/**
 * Tries a shared folder step by step: Syncthing's interface and its key, the folder, its type, rights and patterns, the
 * other devices, the room. Ends behind the first step that fails.
 */
export async function* diagnoseSyncthing(
  { settings, local }: SyncthingPlace,
  signal: AbortSignal,
): AsyncGenerator<DiagnosisStep, void, undefined> {
  const { hostname, port, protocol } = settings.apiUrl;
  const host = hostname.replace(/^\[|\]$/g, "");
  const number = port === "" ? (protocol === "https:" ? 443 : 80) : Number(port);
  for await (const step of reachHost({ host, port: number, server: "Syncthing" }, signal)) {
    yield step;
    if (!step.ok) return;
  }
  const api = new SyncthingApi(settings);
  const found = (): Promise<SharedFolder> => findSharedFolder(api, settings, signal);
  const steps: readonly (readonly [DiagnosisSubject, () => Promise<string>])[] = [
    ["sign-in", () => signsIn(api, signal)],
    ["path", async () => works(api, await found(), signal)],
    ["permission", async () => takes({ api, folder: await found(), local }, signal)],
    ["devices", async () => goesOn({ api, folder: await found(), settings }, signal)],
    ["space", () => room(local, signal)],
  ];
  for (const [subject, look] of steps) {
    try {
      yield { subject, ok: true, message: await look() };
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof StorageError)) throw error;
      const { message } = error;
      yield { subject: subjectOf(subject, error), ok: false, message, advice: adviceOf(error) };
      return;
    }
  }
}

function subjectOf(subject: DiagnosisSubject, { problem }: StorageError): DiagnosisSubject {
  if (problem === "sign-in") return "sign-in";
  return problem === "denied" && subject === "sign-in" ? "host-key" : subject;
}

function adviceOf({ problem }: StorageError): string {
  return advice[problem] ?? "Look at this folder in Syncthing's own interface";
}

const advice: Readonly<Partial<Record<StorageProblem, string>>> = {
  "sign-in": "Copy the API key from Syncthing's settings, under GUI",
  unsupported: "Share the folder in Syncthing, or check its path, its devices and the address",
  unreachable: "Check that the other devices are on and that Syncthing runs and shares it there",
  busy: "Resume the folder in Syncthing",
  denied: "Check who owns the folder, and the certificate of Syncthing's interface",
  "read-only": 'Let Syncthing "Send & Receive" or "Send Only" in this folder',
  full: "Free some space on this disk",
};

async function signsIn(api: SyncthingApi, signal: AbortSignal): Promise<string> {
  const { version } = fieldsOf(await api.get("system/version", {}, signal));
  return `Syncthing ${textOf(version)} accepts the API key`;
}

async function works(
  api: SyncthingApi,
  { id, name, type, isPaused, devices }: SharedFolder,
  signal: AbortSignal,
): Promise<string> {
  if (isPaused) throw new StorageError("busy", `The folder ${name} is paused in Syncthing`);
  const status = fieldsOf(await api.get("db/status", { folder: id }, signal));
  const stopped = textOf(status["error"]) || textOf(status["invalid"]);
  if (stopped !== "")
    throw new StorageError("damaged", `Syncthing has stopped the folder ${name}: ${stopped}`);
  return `Syncthing shares the folder ${name} (${type}) with ${others(devices)}`;
}

interface FolderAsPlace {
  readonly api: SyncthingApi;
  readonly folder: SharedFolder;
  readonly local: StorageProvider;
}

async function takes({ api, folder, local }: FolderAsPlace, signal: AbortSignal): Promise<string> {
  refuseReceiveOnly(folder);
  await ignoreUnfinished(api, folder, signal);
  await using writer = await local.openWrite("try", { overwrite: true }, signal);
  await writer.write(Buffer.from("Safehouse tries whether it may write here\n"));
  return "Objects can be written, and unfinished ones are kept from other devices";
}

interface FolderOfDevices {
  readonly api: SyncthingApi;
  readonly folder: SharedFolder;
  readonly settings: SyncthingSettings;
}

async function goesOn(
  { api, folder, settings: { devices: wanted } }: FolderOfDevices,
  signal: AbortSignal,
): Promise<string> {
  refuseTooFew(folder, wanted);
  const devices = await otherDevices(api, folder, signal);
  const near = devices.filter(({ heldUp }) => heldUp === undefined);
  if (near.length >= wanted)
    return `${near.map(({ name }) => name).join(", ")} can take what is kept there`;
  const away = devices.flatMap(({ name, heldUp }) => (heldUp ? [`${name} (${heldUp})`] : []));
  const message = `What is kept there waits for ${away.join(" or ")}`;
  throw new StorageError("unreachable", message);
}

async function room(local: StorageProvider, signal: AbortSignal): Promise<string> {
  const space = await local.freeSpace(signal);
  return `${Math.floor((space?.freeBytes ?? 0) / 1_000_000)} MB are free here`;
}
