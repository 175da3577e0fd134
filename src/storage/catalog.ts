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
    kind: "smb",
    title: "Network share (SMB)",
    fields: [
      { name: "host", title: "name or address of the server", type: "text" },
      { name: "port", title: "port, 445 if not given", type: "number" },
      { name: "share", title: "name of the share", type: "text" },
      { name: "path", title: "folder in the share; without it the share itself", type: "text" },
      { name: "user", title: "user; without one as a guest", type: "text" },
      { name: "password", title: "password of the user", type: "text", secret: true },
      { name: "domain", title: "domain or workgroup of the user", type: "text" },
      {
        name: "minimumProtocol",
        title: "oldest version that is spoken: 2.0, 2.1, 3.0, 3.0.2 or 3.1.1",
        type: "text",
      },
      { name: "signing", title: "desired (as the server asks) or required", type: "text" },
      { name: "encryption", title: "off (as the server asks), desired or required", type: "text" },
    ],
    where({ host, port = 445, share, path = "" }) {
      const server = port === 445 ? host : `${host}:${port}`;
      return `//${[server, share, ...String(path).split(/[/\\]/u)].filter(Boolean).join("/")}`;
    },
    async prepare(settings) {
      const { prepareSmbFolder } = await import("./smb/prepare.ts");
      const { parseSmbSettings } = await import("./smb/settings.ts");
      await prepareSmbFolder(parseSmbSettings(settings));
    },
    async *diagnose(settings, signal) {
      const { diagnoseSmb } = await import("./smb/diagnose.ts");
      const { parseSmbSettings } = await import("./smb/settings.ts");
      yield* diagnoseSmb(parseSmbSettings(settings), signal);
    },
    async open(settings) {
      const { SmbStorage } = await import("./smb/provider.ts");
      const { parseSmbSettings } = await import("./smb/settings.ts");
      return new SmbStorage(parseSmbSettings(settings));
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
