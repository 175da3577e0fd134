import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { test } from "node:test";
import { pythonPeer } from "#test/python-peer.ts";
import { Bench } from "#test/safehouse.ts";

const official = await pythonPeer("official");
const skip = official.absent ?? false;

for (const flags of [[], ["--uncompressed"], ["--securetar", "2"]]) {
  const name = flags.join(" ") || "as usual";
  test(
    `the lines of the emergency kit open a backup with official software, ${name}`,
    { skip },
    async () => {
      using bench = new Bench();
      const id = (await bench.json("keys", "new")).text("id");
      await bench.json("backups", "new", ...flags);
      const { out: kit } = await bench.run("keys", "kit", id);
      const folder = `${bench.folder}/by hand`;
      mkdirSync(folder);
      const tar = ["-xf", `${bench.location}/${bench.archives()[0]}`, "-C", folder];
      assert.equal(spawnSync("tar", tar).status, 0);
      const lines = kit
        .split("\n")
        .filter((line) => /^ {3,}(?:from|key =|for|if|with|tar\.)/.test(line));
      assert.equal(lines.length, 6);
      writeFileSync(`${folder}/lines.py`, lines.map((line) => `${line.slice(3)}\n`).join(""));
      const key = /^ {4}((?:[A-Z0-9]{4}-){6}[A-Z0-9]{4})$/m.exec(kit)?.[1] ?? "";
      // Without a terminal of its own `getpass` reads what is typed from standard input.
      const opened = spawn(official.python ?? "", ["-W", "ignore", "lines.py"], {
        cwd: folder,
        detached: true,
        stdio: ["pipe", "ignore", "pipe"],
      });
      const said: Buffer[] = [];
      opened.stderr.on("data", (bytes: Buffer) => said.push(bytes));
      opened.stdin.end(`${key}\n`);
      assert.deepEqual(await once(opened, "close"), [0, null], Buffer.concat(said).toString());
      const same = (theirs: string, ours: string): void =>
        assert.deepEqual(
          readFileSync(`${folder}/${theirs}`),
          readFileSync(`${bench.home}/${ours}`),
        );
      same("homeassistant/data/automations.yaml", "config/automations.yaml");
      same("ssl/privkey.pem", "ssl/privkey.pem");
      same("addons_local/own/Dockerfile", "addons/local/own/Dockerfile");
      same("media/film.mp4", "media/film.mp4");
    },
  );
}
