import type { CatalogEntry } from "../catalog.ts";

export const nfsEntry: CatalogEntry = {
  kind: "nfs",
  title: "Network storage (NFS)",
  fields: [
    { name: "host", title: "name or address of the server", type: "text" },
    { name: "export", title: "path of the folder that it exports", type: "text" },
    { name: "port", title: "port, 2049 if not given", type: "number" },
    { name: "version", title: "3, 4, 4.1 or 4.2 if it has to be one", type: "text" },
    { name: "mountPoint", title: "where it is mounted on this machine", type: "folder" },
    { name: "reserveBytes", title: "bytes of its disk that are left free", type: "number" },
  ],
  where: ({ host, export: path }) => `${String(host)}:${String(path)}`,
  async *diagnose(settings, signal) {
    const { diagnoseNfs } = await import("../nfs/diagnose.ts");
    const { parseNfsSettings } = await import("../nfs/settings.ts");
    yield* diagnoseNfs(parseNfsSettings(settings), signal);
  },
  async letGo(settings) {
    const { unmountExport } = await import("../nfs/unmount-export.ts");
    const { parseNfsSettings } = await import("../nfs/settings.ts");
    await unmountExport(parseNfsSettings(settings));
  },
  async open(settings) {
    const { mountExport } = await import("../nfs/mount-export.ts");
    const { parseNfsSettings } = await import("../nfs/settings.ts");
    const { LocalStorage } = await import("../local/provider.ts");
    const { parseLocalSettings } = await import("../local/settings.ts");
    const nfs = parseNfsSettings(settings);
    await mountExport(nfs);
    const folder = parseLocalSettings({ ...settings, path: nfs.mountPoint });
    return new LocalStorage(folder, { isFlaky: true });
  },
};
