import type { CatalogEntry } from "../catalog.ts";

export const smbEntry: CatalogEntry = {
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
    const { prepareSmbFolder } = await import("../smb/prepare.ts");
    const { parseSmbSettings } = await import("../smb/settings.ts");
    await prepareSmbFolder(parseSmbSettings(settings));
  },
  async *diagnose(settings, signal) {
    const { diagnoseSmb } = await import("../smb/diagnose.ts");
    const { parseSmbSettings } = await import("../smb/settings.ts");
    yield* diagnoseSmb(parseSmbSettings(settings), signal);
  },
  async open(settings) {
    const { SmbStorage } = await import("../smb/provider.ts");
    const { parseSmbSettings } = await import("../smb/settings.ts");
    return new SmbStorage(parseSmbSettings(settings));
  },
};
