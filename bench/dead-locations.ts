import { createServer, type Server } from "node:net";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import type { Run } from "#core/model/run.ts";
import { StateRunJournal } from "#state/run-journal.ts";
import { openState } from "#state/open-state.ts";
import { davServers, type DavServer } from "#test/places/webdav.ts";
import { Bench } from "#test/safehouse.ts";

/**
 * What dead locations cost: seconds until the good copy of a backup was read back on this machine, without others and
 * with two that are dead, one that swallows everything and one that refuses, named before it. A table of medians.
 */
export async function deadLocations(home: string, rounds: number): Promise<string> {
  using bench = new Bench("no home");
  bench.env["SAFEHOUSE_HOME"] = home;
  bench.env["SAFEHOUSE_LOCATION"] = "";
  await bench.json("locations", "add", "here", "--path", bench.location);
  await using refusing = await addDav(bench, "refusing");
  await using swallowing = await addDav(bench, "swallowing");
  await refusing.stop();
  await swallowing.stop();
  const hole = await swallow(swallowing.port);
  const alone: number[] = [];
  const together: number[] = [];
  try {
    for (let round = 0; round < rounds; round += 1) {
      alone.push(await goodAfter(bench, ["here"]));
      together.push(await goodAfter(bench, ["swallowing", "refusing", "here"]));
    }
  } finally {
    hole.close();
  }
  const [one = 0, three = 0] = [alone, together].map(
    (times) => times.toSorted((a, b) => a - b)[Math.floor(times.length / 2)],
  );
  return [
    "| until the good copy was read back | s | |",
    "|---|---:|---:|",
    `| with no other location | ${one.toFixed(1)} | 1.00 |`,
    `| with one that swallows everything and one that refuses | ${three.toFixed(1)} | ${(three / one).toFixed(2)} |`,
  ].join("\n");
}

async function addDav(bench: Bench, id: string): Promise<DavServer> {
  const server = await davServers.lighttpd();
  const { url, user, password } = server;
  const settings = ["--set", `url=${url}`, "--set", `user=${user}`];
  const secret = join(bench.folder, id);
  writeFileSync(secret, password);
  const from = ["--from-file", `password=${secret}`];
  await bench.json("locations", "add", id, "--kind", "webdav", ...settings, ...from);
  return server;
}

/** Takes connections and never answers. */
async function swallow(port: number): Promise<Server> {
  const server = createServer((socket) => {
    socket.on("error", () => undefined).resume();
  });
  server.listen(port, "127.0.0.1");
  await once(server, "listening");
  return server.unref();
}

async function goodAfter(bench: Bench, locations: readonly string[]): Promise<number> {
  const named = locations.flatMap((location) => ["--location", location]);
  const command = bench.start("backups", "new", "--no-encryption", ...named);
  using state = openState({
    dataDirectory: bench.dataDir,
    clock: { now: Date.now },
    notice: () => undefined,
  });
  const journal = new StateRunJournal(state);
  const before = new Set((await journal.list("home")).map(({ id }) => id));
  for (;;) {
    const [run] = (await journal.list("home")).filter(({ id }) => !before.has(id));
    const good = run && verifiedAt(run, "here");
    if (run !== undefined && good !== undefined) {
      command.child.kill("SIGTERM");
      await command.ended;
      return (good - run.created) / 1000;
    }
    if (command.child.exitCode !== null) throw new Error((await command.ended).err);
    await pause(200);
  }
}

function verifiedAt({ steps }: Run, location: string): number | undefined {
  return steps.find(
    (step) => step.kind === "verify" && step.location === location && step.state === "done",
  )?.ended;
}
