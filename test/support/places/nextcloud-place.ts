import type { TestContext } from "node:test";
import { NextcloudServer, type NextcloudOptions } from "./nextcloud.ts";
import { WebdavStorage } from "#storage/webdav/provider.ts";
import { parseWebdavSettings } from "#storage/webdav/settings.ts";

export const mebibyte = 1024 * 1024;

/** A simulated Nextcloud that ends with the test, and a place there. */
export async function nextcloud(
  context: TestContext,
  options: NextcloudOptions = {},
): Promise<{ server: NextcloudServer; storage: WebdavStorage }> {
  const server = await NextcloudServer.start(options);
  context.after(() => server.stop());
  const { user, password } = server;
  const url = await server.folder("Sicherungen 100% #1");
  return { server, storage: new WebdavStorage(parseWebdavSettings({ url, user, password })) };
}

/** A body that can be opened anew, also from the middle; it counts what was taken of it. */
export function bodyOf(bytes: Uint8Array) {
  const taken = { bytes: 0 };
  async function* open(from = 0): AsyncGenerator<Uint8Array> {
    for (let at = from; at < bytes.length; at += 65_536) {
      const chunk = bytes.subarray(at, at + 65_536);
      taken.bytes += chunk.length;
      yield chunk;
    }
  }
  return { open, taken };
}

/** Somebody who remembers how far an upload came. */
export function remembering() {
  const memory: { state: string | undefined } = { state: undefined };
  const keep = async (state: string): Promise<void> => void (memory.state = state);
  return { memory, resume: () => ({ state: memory.state, keep }) };
}

/** Paths of requests, as people read them. */
export function requests(server: NextcloudServer, method: string): readonly string[] {
  return server.log
    .filter((line) => line.startsWith(`${method} `))
    .map((line) => decodeURIComponent(line.slice(method.length + 1)));
}
