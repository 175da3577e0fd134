import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, readdirSync } from "node:fs";
import { test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { Bench } from "#test/safehouse.ts";
import { TestServer } from "#test/server.ts";

const mayMount = spawnSync("unshare", ["--mount", "true"]).status === 0;
const skip = mayMount ? false : "absent: permission to mount";

test(
  "nothing is written below the mount point of a share that is not mounted, and all of it once it is back",
  { skip },
  async () => {
    using bench = new Bench();
    const [disk, share] = [`${bench.folder}/disk`, `${bench.folder}/share`];
    for (const folder of [disk, share]) mkdirSync(folder);
    const mount = (): void => void execFileSync("mount", ["--bind", disk, share]);
    const unmount = (): void => void execFileSync("umount", [share]);
    mount();
    try {
      await bench.json("init");
      await bench.json("locations", "add", "share", "--path", share);
      await bench.json(
        "plans",
        "new",
        "nightly",
        "--on-request",
        "--no-encryption",
        "--location",
        "backup",
        "--location",
        "share",
      );
      await using server = await TestServer.start(bench);
      unmount();
      const id = (await server.home("/plans/nightly/run", { json: {} })).text("run");
      const delivery = async () =>
        (await server.home(`/runs/${id}`))
          .list("steps")
          .find((step) => step.at("kind") === "deliver");
      while ((await delivery())?.at("state") !== "waiting-to-retry") await pause(100);
      assert.match((await delivery())?.text("error", "message") ?? "", /has no marker/u);
      assert.deepEqual(readdirSync(share), []);
      mount();
      while ((await delivery())?.at("ended") === undefined) await pause(500);
      assert.equal((await delivery())?.at("state"), "done");
      assert.equal(readdirSync(share).filter((name) => name.endsWith(".tar")).length, 1);
    } finally {
      // Lazily, for the server may still hold it when the test has failed.
      spawnSync("umount", ["--lazy", share]);
    }
  },
);
