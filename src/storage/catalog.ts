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
    kind: "s3",
    title: "S3 (AWS, MinIO, R2, B2 …)",
    fields: [
      { name: "bucket", title: "the bucket, which has to be there", type: "text" },
      { name: "prefix", title: "folder in it", type: "text" },
      { name: "endpoint", title: "address of the server; none for AWS", type: "text" },
      { name: "region", title: "its region; found out if not given", type: "text" },
      { name: "accessKeyId", title: "access key", type: "text" },
      { name: "secretAccessKey", title: "secret key", type: "text", secret: true },
      { name: "sessionToken", title: "token of keys for a time", type: "text", secret: true },
      { name: "pathStyle", title: "the bucket comes behind the host, not before it", type: "flag" },
      { name: "storageClass", title: "class of storage for archives", type: "text" },
      { name: "lockMode", title: "governance or compliance, with lockDays", type: "text" },
      { name: "lockDays", title: "days for which nobody can remove an archive", type: "number" },
      { name: "certificate", title: "certificate to trust, in PEM", type: "lines" },
      { name: "partSize", title: "mebibytes sent at once, 8 if not given", type: "number" },
    ],
    where: ({ bucket, prefix, endpoint }) =>
      `${[bucket, prefix].filter(Boolean).join("/")} at ${String(endpoint ?? "AWS")}`,
    async *diagnose(settings, signal) {
      const { diagnoseS3 } = await import("./s3/diagnose.ts");
      const { parseS3Settings } = await import("./s3/settings.ts");
      yield* diagnoseS3(parseS3Settings(settings), signal);
    },
    async open(settings) {
      const { S3Storage } = await import("./s3/provider.ts");
      const { parseS3Settings } = await import("./s3/settings.ts");
      return new S3Storage(parseS3Settings(settings));
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
