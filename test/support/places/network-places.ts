import { join } from "node:path";
import type { PlaceSettings } from "#storage/catalog.ts";
import { loops } from "../loops.ts";
import { NextcloudServer } from "./nextcloud.ts";
import { absentRclone, obscured, RcloneBench, servedPassword } from "./rclone.ts";
import { noRsync, startRsyncd } from "./rsyncd.ts";
import { startVersity } from "./s3-server.ts";
import { noSamba, SambaServer } from "./samba.ts";
import { noSshd, startSshd } from "./sshd.ts";
import { davServerIsAbsent, davServers } from "./webdav.ts";

/** A place at a server of this machine. */
export interface ServedPlace extends AsyncDisposable {
  /** Port of the server on 127.0.0.1. */
  readonly port: number;
  /** Settings of the place, reached by another port of this machine. */
  settings(port: number): Promise<PlaceSettings>;
  /** The folder in which the server keeps its objects, under their keys. */
  readonly folder: string;
}

/** A kind of place on a network, at the real server of its kind. */
export interface NetworkPlace {
  /** For people. */
  readonly title: string;
  readonly kind: string;
  readonly speaks: "http" | "bytes";
  /** How much of an upload that is cut has to be sent again at most; undefined: all of it. */
  readonly unsureBytes: number | undefined;
  /** Starts the server, or says why there is none, for `skip`. */
  serve(): Promise<ServedPlace | `absent: ${string}`>;
}

const mebibyte = 1024 * 1024;

/** Those whose uploads go on where they were cut, and then those whose uploads begin anew. */
export const networkPlaces: readonly NetworkPlace[] = [
  {
    title: "Nextcloud",
    kind: "webdav",
    speaks: "http",
    // The chunk that is on its way and the one that waits for its answer.
    unsureBytes: 20 * mebibyte,
    async serve() {
      const server = await NextcloudServer.start();
      const { user, password } = server;
      const url = await server.folder("Backups");
      return {
        port: Number(new URL(url).port),
        folder: server.storedAt("Backups"),
        settings: async (port) => ({ url: withPort(url, port), user, password }),
        [Symbol.asyncDispose]: () => server.stop(),
      };
    },
  },
  {
    title: "S3",
    kind: "s3",
    speaks: "http",
    // Four parts.
    unsureBytes: (loops(1) > 1 ? 64 : 20) * mebibyte,
    async serve() {
      const { server, absent } = await startVersity();
      if (server === undefined) return absent;
      const bucket = await server.makeBucket();
      return {
        port: server.port,
        folder: join(server.folder, "data", bucket.bucket),
        // Versity keeps where each part ends in an attribute of the file, for which ext4 has room for some 350.
        settings: async (port) => ({
          ...bucket,
          endpoint: withPort(bucket.endpoint, port),
          partSize: loops(1) > 1 ? 16 : 5,
        }),
        [Symbol.asyncDispose]: () => server.end(),
      };
    },
  },
  {
    title: "SFTP",
    kind: "sftp",
    speaks: "bytes",
    // Requests that were not answered, and as much again that is not believed to be whole.
    unsureBytes: 16 * mebibyte,
    async serve() {
      if (noSshd !== false) return noSshd;
      const sshd = await startSshd();
      const { user, privateKey, folder, hostKeys } = sshd;
      const settings = { host: "127.0.0.1", user, privateKey, path: folder };
      return {
        port: sshd.port,
        folder,
        settings: async (port) => ({ ...settings, port, hostKey: hostKeys.ed25519 }),
        [Symbol.asyncDispose]: () => sshd[Symbol.asyncDispose](),
      };
    },
  },
  {
    title: "SMB",
    kind: "smb",
    speaks: "bytes",
    // What was not yet brought to the disk, and what came while that was done.
    unsureBytes: 32 * mebibyte,
    async serve() {
      if (noSamba !== false) return noSamba;
      const server = await SambaServer.start({ onDisk: true });
      return {
        port: server.port,
        folder: server.data,
        settings: async (port) => ({ ...server.settings, port }),
        [Symbol.asyncDispose]: () => server.end(),
      };
    },
  },
  {
    title: "rsync",
    kind: "rsync",
    speaks: "bytes",
    unsureBytes: 16 * mebibyte,
    async serve() {
      if (noRsync !== false) return noRsync as `absent: ${string}`;
      const rsyncd = await startRsyncd();
      return {
        port: rsyncd.port,
        folder: rsyncd.folder,
        settings: async (port) => ({ host: "127.0.0.1", port, module: "data", path: "" }),
        [Symbol.asyncDispose]: () => rsyncd[Symbol.asyncDispose](),
      };
    },
  },
  {
    title: "plain WebDAV",
    kind: "webdav",
    speaks: "http",
    unsureBytes: undefined,
    async serve() {
      const absent = davServerIsAbsent("lighttpd");
      if (absent !== false) return absent as `absent: ${string}`;
      const server = await davServers.lighttpd();
      const { url, user, password } = server;
      return {
        port: server.port,
        folder: server.root,
        settings: async (port) => ({ url: withPort(url, port), user, password }),
        [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
      };
    },
  },
  {
    title: "rclone",
    kind: "rclone",
    speaks: "http",
    unsureBytes: undefined,
    async serve() {
      const absent = await absentRclone();
      if (absent !== false) return absent;
      const bench = await RcloneBench.make();
      const folder = await bench.newFolder();
      const { port } = await bench.serve("webdav", folder);
      const pass = await obscured(servedPassword);
      const remote = { type: "webdav", vendor: "other", user: "me", pass };
      return {
        port,
        folder,
        settings: async (of) => ({
          remote: "dav:",
          config: await bench.config({ dav: { ...remote, url: `http://127.0.0.1:${of}` } }),
        }),
        [Symbol.asyncDispose]: () => bench.end(),
      };
    },
  },
];

function withPort(url: string, port: number): string {
  const changed = new URL(url);
  changed.port = String(port);
  return changed.href;
}
