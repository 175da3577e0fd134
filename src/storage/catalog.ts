import { SafehouseError } from "#core/model/problem.ts";
import type { DiagnosisStep } from "./diagnosis.ts";
import type { StorageProvider } from "./provider.ts";

/** Settings of a place by name, secrets included. */
export type PlaceSettings = Readonly<Record<string, string | number | boolean>>;

/** One kind of place that can be set up. */
export interface CatalogEntry {
  /** Name in settings, for ever. */
  readonly kind: string;
  /** Name for people. */
  readonly title: string;
  /** What there is to be set. */
  readonly fields: readonly SettingField[];
  /** Where such a place is, in one line for people; no secret. */
  where(settings: PlaceSettings): string;
  /** At set-up: makes the place if it is missing and this program can make it. */
  prepare?(settings: PlaceSettings): Promise<void>;
  /**
   * Tries step by step whether such a place can be reached and written to. Ends behind the first step that fails; never
   * rejects but with the signal's reason and with `usage` for wrong settings.
   */
  diagnose?(settings: PlaceSettings, signal: AbortSignal): AsyncIterable<DiagnosisStep>;
  /** Loads the provider's code and makes one from its settings. Throws `usage` on wrong settings. */
  open(settings: unknown): Promise<StorageProvider>;
}

/** One setting of a kind of place. */
export interface SettingField {
  readonly name: string;
  /** For people, as the end of "--name <type>": what it is. */
  readonly title: string;
  /** `folder`: the path of one on this machine. `lines`: several lines of text, such as a key in PEM. `flag`: yes or no. */
  readonly type: "text" | "lines" | "number" | "flag" | "folder";
  /** Sealed where it is kept, and never shown. */
  readonly secret?: true;
}

/** The kind of a place that is named by the path of a folder alone. */
export const folderKind = "local";

/** Settings of a folder as a place. */
export function folderSettings(path: string): PlaceSettings {
  return { path };
}

/** Every kind of place. Code of a kind is loaded when one of it is opened. */
export const storageCatalog: readonly CatalogEntry[] = [
  {
    kind: folderKind,
    title: "Folder",
    fields: [
      { name: "path", title: "the folder, also on a mounted share", type: "folder" },
      { name: "reserveBytes", title: "bytes of its disk that are left free", type: "number" },
      { name: "fileMode", title: "permission bits of new files, such as 0o640", type: "number" },
    ],
    where: ({ path }) => String(path),
    async prepare(settings) {
      const { createLocalFolder, parseLocalSettings } = await import("./local/settings.ts");
      await createLocalFolder(parseLocalSettings(settings).path);
    },
    async open(settings) {
      const { LocalStorage } = await import("./local/provider.ts");
      const { parseLocalSettings } = await import("./local/settings.ts");
      return new LocalStorage(parseLocalSettings(settings));
    },
  },
  {
    kind: "sftp",
    title: "SFTP",
    fields: [
      { name: "host", title: "name or address of the machine", type: "text" },
      { name: "port", title: "port of its SSH server, usually 22", type: "number" },
      { name: "user", title: "who signs in there", type: "text" },
      { name: "password", title: "the user's password", type: "text", secret: true },
      { name: "privateKey", title: "or the user's private key", type: "lines", secret: true },
      {
        name: "passphrase",
        title: "passphrase of the key, if it has one",
        type: "text",
        secret: true,
      },
      { name: "agent", title: "or an SSH agent of this machine", type: "flag" },
      {
        name: "agentSocket",
        title: "socket of the agent, if SSH_AUTH_SOCK does not tell",
        type: "text",
      },
      { name: "path", title: "the folder there", type: "text" },
      { name: "hostKey", title: "fingerprint of the machine's key, SHA256:…", type: "text" },
      { name: "oldAlgorithms", title: "take unsafe algorithms of old devices, too", type: "flag" },
    ],
    where: ({ host, port = 22, user, path }) =>
      `sftp://${user}@${host}${port === 22 ? "" : `:${port}`}/${String(path).replace(/^\//, "")}`,
    async prepare(settings) {
      const { createRemoteFolder } = await import("./sftp/prepare.ts");
      const { parseSftpSettings } = await import("./sftp/settings.ts");
      await createRemoteFolder(parseSftpSettings(settings));
    },
    async *diagnose(settings, signal) {
      const { diagnoseSftp } = await import("./sftp/diagnose.ts");
      const { parseSftpSettings } = await import("./sftp/settings.ts");
      yield* diagnoseSftp(parseSftpSettings(settings), signal);
    },
    async open(settings) {
      const { SftpStorage } = await import("./sftp/provider.ts");
      const { parseSftpSettings } = await import("./sftp/settings.ts");
      return new SftpStorage(parseSftpSettings(settings));
    },
  },
  {
    kind: "rsync",
    title: "rsync",
    fields: [
      { name: "host", title: "name or address of the machine", type: "text" },
      { name: "module", title: "module of its rsync daemon; without one it is SSH", type: "text" },
      { name: "path", title: "the folder there, or in the module", type: "text" },
      {
        name: "port",
        title: "port of the daemon, usually 873, or of SSH, usually 22",
        type: "number",
      },
      { name: "user", title: "who signs in there", type: "text" },
      { name: "password", title: "the user's password", type: "text", secret: true },
      { name: "privateKey", title: "SSH: or the user's private key", type: "lines", secret: true },
      { name: "passphrase", title: "SSH: passphrase of the key", type: "text", secret: true },
      { name: "agent", title: "SSH: or an SSH agent of this machine", type: "flag" },
      { name: "agentSocket", title: "SSH: socket of the agent", type: "text" },
      { name: "hostKey", title: "SSH: fingerprint of the machine's key, SHA256:…", type: "text" },
      { name: "spool", title: "folder of this machine for what is on its way", type: "folder" },
    ],
    where: ({ host, user, port, module, path = "" }) =>
      module === undefined || module === ""
        ? `${user}@${host}${port === undefined ? "" : `:${port}`}:${path} (rsync)`
        : `rsync://${host}${port === undefined ? "" : `:${port}`}/${module}/${path}`,
    async prepare(settings) {
      const { createRemoteFolder } = await import("./rsync/prepare.ts");
      const { parseRsyncSettings } = await import("./rsync/settings.ts");
      await createRemoteFolder(parseRsyncSettings(settings));
    },
    async *diagnose(settings, signal) {
      const { diagnoseRsync } = await import("./rsync/diagnose.ts");
      const { parseRsyncSettings } = await import("./rsync/settings.ts");
      yield* diagnoseRsync(parseRsyncSettings(settings), signal);
    },
    async open(settings) {
      const { RsyncStorage } = await import("./rsync/provider.ts");
      const { parseRsyncSettings } = await import("./rsync/settings.ts");
      return new RsyncStorage(parseRsyncSettings(settings));
    },
  },
  {
    kind: "memory",
    title: "Memory (for trials)",
    fields: [],
    where: () => "memory",
    async open() {
      const { MemoryStorage } = await import("./memory/provider.ts");
      return new MemoryStorage();
    },
  },
];

/** A kind by its name. Throws `unsupported` for one that is not in the catalog. */
export function findKind(
  kind: string,
  catalog: readonly CatalogEntry[] = storageCatalog,
): CatalogEntry {
  const entry = catalog.find((candidate) => candidate.kind === kind);
  if (entry !== undefined) return entry;
  const known = catalog.map((candidate) => candidate.kind).join(", ");
  throw new SafehouseError("unsupported", `There is no kind of location called ${kind}`, {
    subject: kind,
    advice: `Use one of these: ${known}`,
  });
}

/** Makes a provider of a kind. Rejects as `findKind` and as the kind's `open`. */
export async function openStorage(kind: string, settings: unknown): Promise<StorageProvider> {
  return findKind(kind).open(settings);
}
