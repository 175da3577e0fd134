import { SafehouseError } from "#core/model/problem.ts";
import type { StorageProvider } from "./provider.ts";

/** One kind of place that can be set up. */
export interface CatalogEntry {
  /** Name in settings, for ever. */
  readonly kind: string;
  /** Name for people. */
  readonly title: string;
  /** Loads the provider's code and makes one from its settings. Throws `usage` on wrong settings. */
  open(settings: unknown): Promise<StorageProvider>;
}

/** Every kind of place. Code of a kind is loaded when one of it is opened. */
export const storageCatalog: readonly CatalogEntry[] = [
  {
    kind: "local",
    title: "Folder",
    async open(settings) {
      const { LocalStorage } = await import("./local/provider.ts");
      const { parseLocalSettings } = await import("./local/settings.ts");
      return new LocalStorage(parseLocalSettings(settings));
    },
  },
  {
    kind: "memory",
    title: "Memory (for trials)",
    async open() {
      const { MemoryStorage } = await import("./memory/provider.ts");
      return new MemoryStorage();
    },
  },
];

/** Makes a provider of a kind. Rejects with `unsupported` for a kind that is not in the catalog. */
export async function openStorage(kind: string, settings: unknown): Promise<StorageProvider> {
  const entry = storageCatalog.find((candidate) => candidate.kind === kind);
  if (entry !== undefined) return entry.open(settings);
  const known = storageCatalog.map((candidate) => candidate.kind).join(", ");
  throw new SafehouseError("unsupported", `There is no kind of location called ${kind}`, {
    subject: kind,
    advice: `Use one of these: ${known}`,
  });
}
