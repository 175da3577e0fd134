import { strict as assert } from "node:assert";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { newToken } from "#test/dav-client.ts";
import { configBackup } from "#test/hostile-backup.ts";
import { pythonPeer, type PeerName } from "#test/python-peer.ts";
import { Bench, JsonValue } from "#test/safehouse.ts";
import { sampleBytes } from "#test/sample-bytes.ts";
import { TestServer } from "#test/server.ts";

const script = fileURLToPath(new URL("webdav_agent.py", import.meta.url));
const noise = [{ name: "data/noise", content: sampleBytes("noise", 3_000_000) }];
const file = "Automatic_backup_2026.7.3_2026-07-22_04.45_12345678";

/** What Home Assistant describes a backup by. */
const metadata = {
  addons: [],
  backup_id: "b0b0",
  date: "2026-07-22T04:45:12.345678+02:00",
  database_included: true,
  extra_metadata: { instance_id: "a1", with_automatic_settings: true },
  folders: [],
  homeassistant_included: true,
  homeassistant_version: "2026.7.3",
  name: "Automatic backup 2026.7.3",
  protected: true,
  size: 3_000_000,
  // Whoever sends it works the name out of the others.
  file,
};

interface Agent {
  readonly server: TestServer;
  readonly python: string;
  readonly era: string;
  /** Folder of the inbox. */
  readonly path: string;
  readonly archive: Uint8Array;
}

/** Runs the client: what it tells of its first half, and then, when it may go on, of its second. */
async function agent(bench: Bench, { server, python, era, path, archive }: Agent) {
  const folder = mkdtempSync(join(bench.folder, "agent-"));
  const [tar, json] = [join(folder, "backup.tar"), join(folder, "metadata.json")];
  writeFileSync(tar, archive);
  writeFileSync(json, JSON.stringify(metadata));
  const token = await newToken(server, "inbox");
  const args = [script, `${server.url}/dav/inbox`, token, path, tar, json, era];
  const child = spawn(python, args, { stdio: ["pipe", "pipe", "pipe"] });
  let said = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => (said += text));
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const next = async (): Promise<JsonValue> => {
    const line = await lines.next();
    if (line.done === true) throw new Error(`The client ended: ${said}`);
    return new JsonValue(JSON.parse(line.value));
  };
  return {
    first: await next(),
    fetched: (): Buffer => readFileSync(`${tar}.fetched`),
    goOn: async (): Promise<JsonValue> => {
      child.stdin.end("\n");
      const told = await next();
      if (child.exitCode === null) await once(child, "exit");
      return told;
    },
  };
}

/** Each library with what the integration did in its time. */
const eras: readonly (readonly [peer: PeerName, era: string, folder: string])[] = [
  ["webdav", "now", "/Home Assistant/Küche"],
  // It encodes other names twice, and does not find them again at any server.
  ["firstWebdav", "2025.3", "/homes/kitchen"],
];

for (const [name, era, folder] of eras) {
  const peer = await pythonPeer(name);
  const skip = peer.absent ?? false;
  const python = peer.python ?? "";
  describe(`Home Assistant's own WebDAV client, ${era}`, { skip }, () => {
    for (const path of ["/", folder])
      test(`uses the inbox as its place for backups at ${path}`, async () => {
        using bench = new Bench();
        await using server = await TestServer.start(bench);
        const archive = await configBackup(noise, { encrypted: 3, json: { slug: "0a551570" } });
        const { first, fetched, goOn } = await agent(bench, { server, python, era, path, archive });
        assert.deepEqual(first.at("set_up", "reached"), true);
        assert.equal(first.at("set_up", "folder"), true);
        assert.deepEqual(first.at("empty"), []);
        assert.equal(first.at("upload"), null);
        assert.deepEqual(first.at("listed"), [metadata]);
        assert.deepEqual(fetched(), archive);
        if (first.at("quota") !== null) {
          assert.equal(first.at("quota", "used"), archive.length);
          assert.ok(Number(first.at("quota", "available")) > 0);
        }
        assert.deepEqual(bench.archives(), [`${file}.tar`]);
        const [backup] = (await server.home("/backups")).list("backups");
        assert.equal(backup?.text("slug"), "0a551570");
        const gone = await goOn();
        assert.equal(gone.at("removed"), null);
        assert.deepEqual(gone.at("listed"), []);
        assert.deepEqual(bench.archives(), [`${file}.tar`], "what it deletes is its own copy");
        assert.deepEqual(readFileSync(join(bench.location, `${file}.tar`)), archive);
      });

    test("hears that a damaged backup is none", async () => {
      using bench = new Bench();
      await using server = await TestServer.start(bench);
      const archive = (await configBackup(noise)).subarray(0, 1_000_000);
      const { first, goOn } = await agent(bench, { server, python, era, path: "/", archive });
      assert.match(first.text("upload", "message"), /no backup that could be restored/);
      assert.deepEqual(bench.archives(), []);
      await goOn();
    });
  });
}
