import type { CatalogEntry } from "../catalog.ts";

export const memoryEntry: CatalogEntry = {
  kind: "memory",
  title: "Memory (for trials)",
  fields: [],
  where: () => "memory",
  async open() {
    const { MemoryStorage } = await import("../memory/provider.ts");
    return new MemoryStorage();
  },
};
