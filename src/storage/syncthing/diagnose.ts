import { readdir, realpath } from "node:fs/promises";
import type { DiagnosisStep, DiagnosisSubject } from "../diagnosis.ts";
import { StorageError } from "../errors.ts";
import type { StorageProblem } from "../errors.ts";
import { reachHost } from "../reach-host.ts";
import type { StorageProvider } from "../provider.ts";
import { SyncthingApi } from "./api.ts";
import { deviceNames, isConnected } from "./devices.ts";
import { ignoreUnfinished, isUnfinishedIgnored } from "./ignore-unfinished.ts";
import { fieldsOf } from "./json.ts";
import { isConflict } from "./own-names.ts";
import type { SyncthingSettings } from "./settings.ts";
import { findSharedFolder, findTop, refuseReceiveOnly } from "./shared-folder.ts";
import type { SharedFolder } from "./shared-folder.ts";

export interface SyncthingPlace {
  readonly settings: SyncthingSettings;
  /** The folder itself as a place. */
  readonly local: StorageProvider;
}

/**
 * Tries a shared folder step by step: Syncthing's interface and its key, the folder, its rights and its patterns, the other
 * devices, the room. Ends behind the first step that fails.
 */
export async function* diagnoseSyncthing(
  place: SyncthingPlace,
  signal: AbortSignal,
): AsyncGenerator<DiagnosisStep, void, undefined> {
  const { settings, local } = place;
  const { hostname, port, protocol } = settings.apiUrl;
  const host = hostname.replace(/^\[|\]$/g, "");
  const number = port === "" ? (protocol === "https:" ? 443 : 80) : Number(port);
  for await (const step of reachHost({ host, port: number, server: "Syncthing" }, signal)) {
    yield step;
    if (!step.ok) return;
  }
  const api = new SyncthingApi(settings);
  const steps: readonly (readonly [DiagnosisSubject, () => Promise<string>])[] = [
    ["sign-in", () => signsIn(api, signal)],
    ["path", async () => folderFound(await findSharedFolder(api, settings, signal))],
    ["path", () => keepsBack(settings.path)],
    ["permission", async () => takes(await findSharedFolder(api, settings, signal), local, signal)],
    ["devices", () => goesOn(api, settings, signal)],
    ["space", () => room(local, signal)],
  ];
  for (const [subject, look] of steps) {
    try {
      yield { subject, ok: true, message: await look() };
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof StorageError)) throw error;
      yield {
        subject: subjectOf(subject, error),
        ok: false,
        message: error.message,
        advice: adviceOf(error),
      };
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
  unreachable: "Check that the other devices are on and that Syncthing runs there",
  busy: "Resume the folder in Syncthing",
  denied: "Check who owns the folder, and the certificate of Syncthing's interface",
  "read-only": 'Let Syncthing "Send & Receive" or "Send Only" in this folder',
  full: "Free some space on this disk",
};

async function signsIn(api: SyncthingApi, signal: AbortSignal): Promise<string> {
  const { version } = fieldsOf(await api.get("system/version", {}, signal));
  return `Syncthing ${typeof version === "string" ? version : ""} accepts the API key`;
}

function folderFound({ name, type, isPaused, devices }: SharedFolder): string {
  if (isPaused) throw new StorageError("busy", `Syncthing has paused the folder ${name}`);
  const others = devices.length === 1 ? "one other device" : `${devices.length} other devices`;
  return `Syncthing shares the folder ${name} (${type}) with ${others}`;
}

async function keepsBack(path: string): Promise<string> {
  const place = await realpath(path).catch(() => path);
  const top = await findTop(place);
  if (top === undefined) {
    const message = `${path} is not there, or lacks Syncthing's marker (.stfolder)`;
    throw new StorageError("unreachable", message);
  }
  if (!(await isUnfinishedIgnored(top, place))) await ignoreUnfinished(top, place);
  const conflicts = (await readdir(place)).filter(isConflict).length;
  const also = conflicts === 0 ? "" : `; ${conflicts} files are there because of conflicts`;
  return `Unfinished backups are kept from other devices${also}`;
}

async function takes(
  folder: SharedFolder,
  local: StorageProvider,
  signal: AbortSignal,
): Promise<string> {
  refuseReceiveOnly(folder);
  await using writer = await local.openWrite("try", { overwrite: true }, signal);
  await writer.write(Buffer.from("Safehouse tries whether it may write here\n"));
  return "Objects can be written";
}

async function goesOn(
  api: SyncthingApi,
  settings: SyncthingSettings,
  signal: AbortSignal,
): Promise<string> {
  const { devices, name } = await findSharedFolder(api, settings, signal);
  const { devices: wanted } = settings;
  if (devices.length < wanted) {
    const message = `The folder ${name} is shared with ${devices.length} other devices, but ${wanted} are to have what is kept there`;
    throw new StorageError("unsupported", message);
  }
  const connections = fieldsOf(
    fieldsOf(await api.get("system/connections", {}, signal))["connections"],
  );
  const away = devices.filter((device) => !isConnected(connections, device));
  const near = devices.length - away.length;
  if (near >= wanted) return `${near} of ${devices.length} other devices are connected`;
  const names = await deviceNames(api, away, signal);
  throw new StorageError("unreachable", `Too few devices are connected: ${names} away`);
}

async function room(local: StorageProvider, signal: AbortSignal): Promise<string> {
  const space = await local.freeSpace(signal);
  return `${Math.floor((space?.freeBytes ?? 0) / 1_000_000)} MB are free here`;
}
