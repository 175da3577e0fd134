import { strict as assert } from "node:assert";
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { text } from "node:stream/consumers";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { loops } from "#test/loops.ts";
import { noSamba, SambaServer } from "#test/places/samba.ts";

const child = fileURLToPath(import.meta.resolve("#test/places/smb-transfer-child.ts"));
const size = loops(1) > 1 ? 3_000_000_000 : 300_000_000;

test(
  `${size / 1e6} MB are written and read in memory that does not grow, plain and encrypted`,
  { skip: noSamba || (existsSync("/proc/self/status") ? false : "absent: /proc") },
  async (context) => {
    const server = await SambaServer.start({ onDisk: true });
    context.after(() => server.end());
    for (const encryption of ["off", "required"]) {
      const settings = { ...server.settings, path: "", encryption };
      const running = spawn(process.execPath, [child], { stdio: ["pipe", "pipe", "inherit"] });
      running.stdin.end(JSON.stringify({ settings, size }));
      const told = JSON.parse(await text(running.stdout)) as Record<string, number>;
      assert.deepEqual([told["stored"], told["bytes"]], [size, size]);
      assert.ok((told["peakBytes"] ?? Infinity) < 250e6, `${told["peakBytes"]} bytes in memory`);
      await server.client("del big.tar");
    }
  },
);
