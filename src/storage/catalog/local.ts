import type { CatalogEntry } from "../catalog.ts";

export const localEntry: CatalogEntry = {
  kind: "local",
  title: "Folder",
  fields: [
    { name: "path", title: "the folder, also on a mounted share", type: "folder" },
    { name: "reserveBytes", title: "bytes of its disk that are left free", type: "number" },
    { name: "fileMode", title: "permission bits of new files, such as 0o640", type: "number" },
  ],
  where: ({ path }) => String(path),
  async prepare(settings) {
    const { createLocalFolder, parseLocalSettings } = await import("../local/settings.ts");
    await createLocalFolder(parseLocalSettings(settings).path);
  },
  async open(settings) {
    const { LocalStorage } = await import("../local/provider.ts");
    const { parseLocalSettings } = await import("../local/settings.ts");
    return new LocalStorage(parseLocalSettings(settings));
  },
};
