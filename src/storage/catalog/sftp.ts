import type { CatalogEntry } from "../catalog.ts";

export const sftpEntry: CatalogEntry = {
  kind: "sftp",
  title: "SFTP",
  fields: [
    { name: "host", title: "name or address of the machine", type: "text" },
    { name: "port", title: "port of its SSH server, usually 22", type: "number" },
    { name: "user", title: "who signs in there", type: "text" },
    { name: "password", title: "the user's password", type: "text", secret: true },
    { name: "privateKey", title: "or the user's private key", type: "lines", secret: true },
    {
      name: "passphrase",
      title: "passphrase of the key, if it has one",
      type: "text",
      secret: true,
    },
    { name: "agent", title: "or an SSH agent of this machine", type: "flag" },
    {
      name: "agentSocket",
      title: "socket of the agent, if SSH_AUTH_SOCK does not tell",
      type: "text",
    },
    { name: "path", title: "the folder there", type: "text" },
    { name: "hostKey", title: "fingerprint of the machine's key, SHA256:…", type: "text" },
    { name: "oldAlgorithms", title: "take unsafe algorithms of old devices, too", type: "flag" },
  ],
  where: ({ host, port = 22, user, path }) =>
    `sftp://${user}@${host}${port === 22 ? "" : `:${port}`}/${String(path).replace(/^\//, "")}`,
  async prepare(settings) {
    const { createRemoteFolder } = await import("../sftp/prepare.ts");
    const { parseSftpSettings } = await import("../sftp/settings.ts");
    await createRemoteFolder(parseSftpSettings(settings));
  },
  async *diagnose(settings, signal) {
    const { diagnoseSftp } = await import("../sftp/diagnose.ts");
    const { parseSftpSettings } = await import("../sftp/settings.ts");
    yield* diagnoseSftp(parseSftpSettings(settings), signal);
  },
  agentLayout({ path }) {
    const isAbsolute = String(path).startsWith("/");
    return {
      kind: "hidden",
      folder: isAbsolute ? String(path).replace(/\/+$/, "") : undefined,
    };
  },
  async open(settings) {
    const { SftpStorage } = await import("../sftp/provider.ts");
    const { parseSftpSettings } = await import("../sftp/settings.ts");
    return new SftpStorage(parseSftpSettings(settings));
  },
};
