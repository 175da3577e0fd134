import type { CatalogEntry } from "../catalog.ts";

export const rsyncEntry: CatalogEntry = {
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
  where: ({ host, user, port, module, path = "" }) => {
    const place = `${host}${port === undefined ? "" : `:${port}`}`;
    return module === undefined || module === ""
      ? `${user}@${place}:${path} (rsync)`
      : `rsync://${place}/${module}/${path}`;
  },
  async prepare(settings) {
    const { createRemoteFolder } = await import("../rsync/prepare.ts");
    const { parseRsyncSettings } = await import("../rsync/settings.ts");
    await createRemoteFolder(parseRsyncSettings(settings));
  },
  async *diagnose(settings, signal) {
    const { diagnoseRsync } = await import("../rsync/diagnose.ts");
    const { parseRsyncSettings } = await import("../rsync/settings.ts");
    yield* diagnoseRsync(parseRsyncSettings(settings), signal);
  },
  async open(settings) {
    const { RsyncStorage } = await import("../rsync/provider.ts");
    const { parseRsyncSettings } = await import("../rsync/settings.ts");
    return new RsyncStorage(parseRsyncSettings(settings));
  },
};
