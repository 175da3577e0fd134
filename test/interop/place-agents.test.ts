import { strict as assert } from "node:assert";
import { execFile } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { addPlace, agentPlaces, type AgentPlace } from "#test/places/agent-places.ts";
import { configBackup, hostilePassword } from "#test/hostile-backup.ts";
import { pythonPeer } from "#test/python-peer.ts";
import { Bench, JsonValue } from "#test/safehouse.ts";
import { sampleBytes } from "#test/sample-bytes.ts";

const script = fileURLToPath(new URL("place_agents.py", import.meta.url));
const peer = await pythonPeer("agents");

/** What Home Assistant's agent says to each of the steps (`place_agents.py`). */
async function ask(
  { agent, entry }: AgentPlace,
  ...steps: readonly (readonly [what: string, ...args: readonly unknown[]])[]
): Promise<JsonValue[]> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const child = execFile(peer.python ?? "", [script], (error, out) =>
    error === null ? resolve(out) : reject(error),
  );
  child.stdin?.end(JSON.stringify({ agent, entry, steps }));
  return new JsonValue(JSON.parse(await promise)).list();
}

async function listed(place: AgentPlace): Promise<JsonValue[]> {
  const [found] = await ask(place, ["list"]);
  return found?.list() ?? [];
}

/** A home with a location `away`. */
async function homeWith(bench: Bench, place: AgentPlace): Promise<void> {
  await bench.json("init", "--location", bench.location);
  await addPlace(bench, "away", place);
}

const names = (backups: readonly JsonValue[]): string[] =>
  backups.map((backup) => backup.text("name")).toSorted();

for (const { agent, skip, start } of await agentPlaces())
  describe(`Home Assistant's own agent ${agent}`, { skip: peer.absent ?? skip }, () => {
    const bench = new Bench();
    const ended = new AsyncDisposableStack();
    let place: AgentPlace;
    before(async () => {
      ended.use(bench);
      place = await start(bench, ended);
      await homeWith(bench, place);
    });
    after(() => ended.disposeAsync());

    test("lists, fetches and deletes what Safehouse makes at its place or copies there", async () => {
      const some = ["backups", "new", "--folders", "ssl"];
      const made = await bench.json(...some, "--location", "away", "--name", "Küche #1 100%");
      const copied = await bench.json(...some, "--name", "before 1/2");
      await bench.json("backups", "copy", copied.text("slug"), "--to", "away");

      const found = await listed(place);
      // Where Home Assistant works the file out of the name, it gets one that leads there.
      const shown = agent === "sftp_storage" ? "before 1/2" : "before_1_2";
      assert.deepEqual(names(found), ["Küche #1 100%", shown].toSorted());
      const first = found.find((backup) => backup.text("backup_id") === made.text("slug"));
      assert.ok(first !== undefined);
      const { size, date, ...rest } = first.value as Record<string, unknown>;
      assert.equal(typeof size, "number");
      assert.ok(!Number.isNaN(Date.parse(String(date))));
      assert.deepEqual(rest, {
        addons: [],
        backup_id: made.text("slug"),
        database_included: false,
        extra_metadata: {},
        folders: ["ssl"],
        homeassistant_included: false,
        homeassistant_version: null,
        name: "Küche #1 100%",
        protected: false,
      });

      const fetched = join(bench.folder, "fetched.tar");
      const theirs = copied.text("slug");
      await ask(place, ["download", theirs, fetched], ["delete", theirs]);
      const [own] = bench.archives();
      assert.deepEqual(readFileSync(fetched), readFileSync(join(bench.location, own ?? "")));
      const left = (await bench.json("backups", "list", "--location", "away")).list("backups");
      assert.deepEqual(
        left.map((backup) => backup.text("slug")),
        [made.text("slug")],
      );

      await bench.json("backups", "remove", made.text("slug"), "--location", "away", "--yes");
      assert.deepEqual(await listed(place), []);
    });

    test("puts backups at its place that Safehouse lists, restores and removes whole", async () => {
      bench.env["SAFEHOUSE_PASSWORD"] = hostilePassword;
      const noise = sampleBytes("noise", 300_000);
      const files = [{ name: "data/noise", content: noise }];
      const [name, date] = ["  Vor  dem\u00a0Umbau 100% #2", "2026-07-22T04:45:12.345678+02:00"];
      const json = { slug: "0a551570", name, date };
      const archive = join(bench.folder, "theirs.tar");
      writeFileSync(archive, await configBackup(files, { encrypted: 3, json }));
      const metadata = {
        addons: [],
        backup_id: "0a551570",
        date,
        database_included: true,
        extra_metadata: { instance_id: "a1", with_automatic_settings: true },
        folders: [],
        homeassistant_included: true,
        homeassistant_version: "2026.1.0",
        name,
        protected: true,
        size: readFileSync(archive).length,
      };
      await ask(place, ["upload", metadata, archive]);
      const [backup, ...more] = (await bench.json("backups", "list", "--location", "away")).list(
        "backups",
      );
      assert.deepEqual(more, []);
      assert.equal(backup?.text("name"), name);
      await bench.json("backups", "restore", "0a551570", "--location", "away");
      assert.deepEqual(readFileSync(join(bench.home, "config/noise")), Buffer.from(noise));
      assert.deepEqual(
        (await listed(place)).map(({ value }) => value),
        [metadata],
        "their description stays as it was",
      );
      await bench.json("backups", "remove", "0a551570", "--location", "away", "--yes");
      assert.deepEqual(await listed(place), []);
    });
  });
