import type { CatalogEntry, PlaceSettings } from "../catalog.ts";
import type { StorageProvider } from "../provider.ts";

export const syncthingEntry: CatalogEntry = {
  kind: "syncthing",
  title: "Folder shared by Syncthing",
  fields: [
    { name: "path", title: "the shared folder, or one in it", type: "folder" },
    { name: "apiKey", title: "Syncthing's API key", type: "text", secret: true },
    {
      name: "apiUrl",
      title: "where Syncthing answers, http://127.0.0.1:8384 if not given",
      type: "text",
    },
    {
      name: "devices",
      title: "how many other devices have to have a copy, 1 if not given",
      type: "number",
    },
    {
      name: "folder",
      title: "id of the folder, if Syncthing knows it by another path",
      type: "text",
    },
    {
      name: "certificate",
      title: "the certificate of Syncthing's interface, in PEM",
      type: "lines",
    },
    { name: "reserveBytes", title: "bytes of its disk that are left free", type: "number" },
    { name: "fileMode", title: "permission bits of new files, such as 0o640", type: "number" },
  ],
  settles: true,
  where: ({ path }) => `${String(path)}, shared by Syncthing`,
  async prepare(settings) {
    const { createLocalFolder, parseLocalSettings } = await import("../local/settings.ts");
    const { prepareSharedFolder } = await import("../syncthing/prepare-folder.ts");
    const { parseSyncthingSettings } = await import("../syncthing/settings.ts");
    const parsed = parseSyncthingSettings(settings);
    await createLocalFolder(parseLocalSettings(settings).path);
    await prepareSharedFolder(parsed);
  },
  async *diagnose(settings, signal) {
    const { diagnoseSyncthing } = await import("../syncthing/diagnose.ts");
    const { parseSyncthingSettings } = await import("../syncthing/settings.ts");
    const local = await folderOf(settings);
    yield* diagnoseSyncthing({ settings: parseSyncthingSettings(settings), local }, signal);
  },
  async open(settings) {
    const { SyncthingStorage } = await import("../syncthing/provider.ts");
    const { parseSyncthingSettings } = await import("../syncthing/settings.ts");
    return new SyncthingStorage(await folderOf(settings), parseSyncthingSettings(settings));
  },
};

/** The folder alone. */
async function folderOf(settings: PlaceSettings): Promise<StorageProvider> {
  const { LocalStorage } = await import("../local/provider.ts");
  const { parseLocalSettings } = await import("../local/settings.ts");
  return new LocalStorage(parseLocalSettings(settings));
}
