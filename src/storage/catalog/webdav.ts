import type { CatalogEntry } from "../catalog.ts";
export const webdavEntry: CatalogEntry = {
  kind: "webdav",
  title: "WebDAV, Nextcloud, ownCloud",
  fields: [
    { name: "url", title: "the folder on the server, from https:// on", type: "text" },
    { name: "user", title: "who signs in", type: "text" },
    { name: "password", title: "the password, or an app password", type: "text", secret: true },
    {
      name: "certificate",
      title: "a certificate in PEM that is trusted too, or its SHA-256 fingerprint",
      type: "lines",
    },
    {
      name: "chunking",
      title: "whether big objects go up in chunks as Nextcloud takes them; found out if not given",
      type: "flag",
    },
    {
      name: "spool",
      title: "where objects wait whose length the server wants to know beforehand",
      type: "folder",
    },
  ],
  where: ({ url }) => whereIsUrl(String(url)),
  async prepare(settings) {
    const { prepareWebdav } = await import("../webdav/prepare.ts");
    const { parseWebdavSettings } = await import("../webdav/settings.ts");
    await prepareWebdav(parseWebdavSettings(settings));
  },
  async *diagnose(settings, signal) {
    const { diagnoseWebdav } = await import("../webdav/diagnose.ts");
    const { parseWebdavSettings } = await import("../webdav/settings.ts");
    yield* diagnoseWebdav(parseWebdavSettings(settings), signal);
  },
  agentLayout: () => ({ kind: "beside" }),
  async open(settings) {
    const { WebdavStorage } = await import("../webdav/provider.ts");
    const { parseWebdavSettings } = await import("../webdav/settings.ts");
    return new WebdavStorage(parseWebdavSettings(settings));
  },
};

function whereIsUrl(url: string): string {
  const { protocol, host, pathname } = URL.parse(url) ?? {};
  return host === undefined ? "a server" : `${protocol}//${host}${pathname}`;
}
