import { strict as assert } from "node:assert";
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test, type TestContext } from "node:test";
import { keepsStorageContract } from "#test/keeps-storage-contract.ts";
import { noGanesha, noKernelNfs, startGanesha, type GaneshaServer } from "#test/places/ganesha.ts";
import { findKind, type PlaceSettings } from "#storage/catalog.ts";
import { LocalStorage } from "#storage/local/provider.ts";
import { parseLocalSettings } from "#storage/local/settings.ts";

const { signal } = new AbortController();
const kind = findKind("nfs");
let server: GaneshaServer;
before(async () => {
  if (noGanesha === false) server = await startGanesha();
});
after(async () => server?.[Symbol.asyncDispose]());

function place(context: TestContext): PlaceSettings & { readonly mountPoint: string } {
  const mountPoint = mkdtempSync(join(tmpdir(), "safehouse-nfs-mount-"));
  context.after(() => rmSync(mountPoint, { recursive: true, force: true }));
  return {
    host: "127.0.0.1",
    port: server.port,
    export: server.export,
    version: "4.2",
    mountPoint,
    reserveBytes: 0,
  };
}

async function diagnosed(settings: PlaceSettings): Promise<readonly string[]> {
  const steps = await Array.fromAsync(kind.diagnose?.(settings, signal) ?? []);
  return steps.map(({ subject, ok, message }) => (ok ? subject : `${subject}: ${message}`));
}

test(
  "a server that answers is found, and what keeps its export from being mounted is told",
  { skip: noGanesha },
  async (context) => {
    const settings = place(context);
    const [name, port, path = "", permission] = await diagnosed(settings);
    assert.deepEqual([name, port], ["name", "port"]);
    if (noKernelNfs === false) {
      execFileSync("umount", [settings.mountPoint]);
      assert.deepEqual([path, permission], ["path", "permission"]);
    } else
      assert.match(path, /could not be mounted: (this system has no NFS|only root may mount)/u);
    const closed = await diagnosed({ ...settings, port: 1 });
    assert.match(closed.at(-1) ?? "", /^port: /u);
  },
);

test(
  "an export is mounted when it is opened, and its files are on the server",
  { skip: noGanesha || noKernelNfs },
  async (context) => {
    const settings = place(context);
    const storage = await kind.open(settings);
    try {
      const body = async function* () {
        yield Buffer.from("bytes");
      };
      await storage.write("a.tar", { open: body }, signal);
      assert.equal((await storage.stat("a.tar", signal)).size, 5);
      assert.equal(
        execFileSync("cat", [join(server.folder, "a.tar")], { encoding: "utf8" }),
        "bytes",
      );
    } finally {
      execFileSync("umount", [settings.mountPoint]);
    }
  },
);

if (noGanesha === false && noKernelNfs === false) {
  let count = 0;
  keepsStorageContract("nfs", async (context) => {
    const settings = place(context);
    await kind.open(settings);
    context.after(() => execFileSync("umount", [settings.mountPoint]));
    const path = join(settings.mountPoint, `place-${(count += 1)}`);
    mkdirSync(path);
    return new LocalStorage(parseLocalSettings({ path, reserveBytes: 0 }), { isFlaky: true });
  });
} else {
  test("nfs keeps the storage contract", { skip: noGanesha || noKernelNfs });
}
