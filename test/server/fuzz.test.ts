import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { text } from "node:stream/consumers";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { loops } from "#test/loops.ts";
import { pythonPeer } from "#test/python-peer.ts";
import { Bench } from "#test/safehouse.ts";
import { TestServer } from "#test/server.ts";

const fuzzer = await pythonPeer("fuzzer");
const skip = fuzzer.absent ?? false;
const hooks = fileURLToPath(new URL("./fuzz_hooks.py", import.meta.url));
const seconds = loops(12);

/** Left out, each for a reason that has nothing to do with what it answers. */
const leftOut = [
  // An answer that never ends.
  "watchEvents",
  // Takes any folder of this machine for the home, which the next restore would overwrite.
  "savePaths",
  // Take any folder of this machine for a location, and make it.
  "addLocation",
  "changeLocation",
  // Opens any port of this machine.
  "beginSamba",
];

test(
  "whatever is asked of the API, it answers as its description has it, and without a fault",
  { skip },
  async (context) => {
    using bench = new Bench();
    await using server = await TestServer.start(bench);
    const known = {
      backup: (await server.run("/backups")).text("backup", "slug"),
      run: (await server.home("/runs")).list("runs")[0]?.text("id"),
      key: (await server.home("/keys", { json: {} })).text("id"),
    };
    const description = `${bench.folder}/openapi.json`;
    writeFileSync(description, (await server.ask("/api/v1/openapi.json")).text);
    const child = spawn(
      fuzzer.python ?? "",
      [
        "-m",
        "schemathesis.cli",
        "run",
        description,
        `--url=${server.url}`,
        `--header=Authorization: Bearer ${server.token}`,
        "--checks=tells_what_failed",
        "--continue-on-failure",
        "--phases=examples,coverage,fuzzing",
        `--max-time=${seconds}`,
        "--warnings=off",
        "--generation-database=none",
        ...leftOut.map((id) => `--exclude-operation-id=${id}`),
      ],
      {
        cwd: bench.folder,
        env: {
          PATH: process.env["PATH"],
          HOME: bench.folder,
          NO_COLOR: "1",
          PYTHONDONTWRITEBYTECODE: "1",
          SCHEMATHESIS_HOOKS: hooks,
          SAFEHOUSE_FUZZ_KNOWN: JSON.stringify(known),
        },
        stdio: ["ignore", "pipe", "inherit"],
      },
    );
    const report = text(child.stdout);
    const [code] = (await once(child, "exit")) as [number | null];
    context.diagnostic(/\d+ generated[^\n]*/.exec(await report)?.[0] ?? "nothing generated");
    assert.equal(code, 0, `${await report}\n${server.said}`);
    assert.doesNotMatch(server.said, /A request met a fault/);
    assert.equal((await server.ask("/healthz")).status, 200);
    assert.equal((await server.ask("/api/v1/homes/home/runs")).status, 200);
  },
);
