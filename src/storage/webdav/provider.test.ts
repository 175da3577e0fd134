import { mkdir, chmod } from "node:fs/promises";
import { join } from "node:path";
import { after } from "node:test";
import { keepsStorageContract } from "#test/keeps-storage-contract.ts";
import {
  davServerIsAbsent,
  davServers,
  type DavServer,
  type DavServerName,
} from "#test/places/webdav.ts";
import { WebdavStorage } from "./provider.ts";
import { parseWebdavSettings } from "./settings.ts";

const running = new Map<DavServerName, DavServer>();
let folders = 0;

async function placeAt(name: DavServerName): Promise<WebdavStorage> {
  let server = running.get(name);
  if (server === undefined) {
    server = await davServers[name]();
    running.set(name, server);
  }
  folders += 1;
  const folder = `Örtchen ${folders} 100% #1`;
  await mkdir(join(server.root, folder));
  await chmod(join(server.root, folder), 0o777);
  const { user, password } = server;
  const url = server.url + encodeURIComponent(folder);
  return new WebdavStorage(parseWebdavSettings({ url, user, password }));
}
after(async () => {
  for (const server of running.values())
    await (server as unknown as AsyncDisposable)[Symbol.asyncDispose]();
});
for (const name of ["lighttpd", "apache2", "rclone"] as const) {
  if (davServerIsAbsent(name)) console.log(davServerIsAbsent(name));
  keepsStorageContract(`webdav of ${name}`, () => placeAt(name), 300);
}
