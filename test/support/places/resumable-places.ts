import { join } from "node:path";
import type { PlaceSettings } from "#storage/catalog.ts";
import { NextcloudServer } from "./nextcloud.ts";
import { startVersity } from "./s3-server.ts";
import { noSamba, SambaServer } from "./samba.ts";
import { noSshd, startSshd } from "./sshd.ts";

/** A place at a server of this machine. */
export interface ServedPlace extends AsyncDisposable {
  /** Port of the server on 127.0.0.1. */
  readonly port: number;
  /** Settings of the place, reached by another port of this machine. */
  settings(port: number): PlaceSettings;
  /** The folder in which the server keeps its objects, under their keys. */
  readonly folder: string;
}

/** A kind of place whose uploads go on where they were cut, at the real server of its kind. */
export interface ResumablePlace {
  readonly kind: string;
  readonly speaks: "http" | "bytes";
  /** Bytes that are sent at a time, beyond what is confirmed, so that a cut may lose them. */
  readonly unsureBytes: number;
  /** Starts the server, or says why there is none, for `skip`. */
  serve(): Promise<ServedPlace | `absent: ${string}`>;
}

const mebibyte = 1024 * 1024;

/** One of each kind in the catalog. */
export const resumablePlaces: readonly ResumablePlace[] = [
  {
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
        settings: (port) => ({ url: withPort(url, port), user, password }),
        [Symbol.asyncDispose]: () => server.stop(),
      };
    },
  },
  {
    kind: "s3",
    speaks: "http",
    // Four parts.
    unsureBytes: 20 * mebibyte,
    async serve() {
      const { server, absent } = await startVersity();
      if (server === undefined) return absent;
      const bucket = await server.makeBucket();
      return {
        port: server.port,
        folder: join(server.folder, "data", bucket.bucket),
        settings: (port) => ({ ...bucket, endpoint: withPort(bucket.endpoint, port) }),
        [Symbol.asyncDispose]: () => server.end(),
      };
    },
  },
  {
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
        settings: (port) => ({ ...settings, port, hostKey: hostKeys.ed25519 }),
        [Symbol.asyncDispose]: () => sshd[Symbol.asyncDispose](),
      };
    },
  },
  {
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
        settings: (port) => ({ ...server.settings, port }),
        [Symbol.asyncDispose]: () => server.end(),
      };
    },
  },
];

function withPort(url: string, port: number): string {
  const changed = new URL(url);
  changed.port = String(port);
  return changed.href;
}
