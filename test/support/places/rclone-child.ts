// Uses a remote in a process of its own: `rclone-child.ts REMOTE wait|once|large`; how large tells `MEGABYTES`.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { RcloneStorage } from "#storage/rclone/provider.ts";
import { parseRcloneSettings } from "#storage/rclone/settings.ts";
import { daemonsFor } from "./rclone.ts";

const { signal } = new AbortController();
const [remote = "", task] = process.argv.slice(2);
const storage = new RcloneStorage(parseRcloneSettings({ remote }));
const block = Buffer.alloc(1_000_000, "Safehouse");
const blocks = Number(process.env["MEGABYTES"] ?? 0);

async function* body() {
  for (let at = 0; at < blocks; at += 1) yield block;
}

await storage.connect(signal);
if (task === "large") {
  const size = blocks * block.length;
  await storage.write("large", { open: body, size }, signal);
  await storage.write("of unknown size", { open: body }, signal);
  let read = 0;
  for await (const chunk of await storage.read("large", undefined, signal)) read += chunk.length;
  assert.equal(read, size);
  const [rclone = 0] = await daemonsFor(remote);
  process.stdout.write(`peak ${peakMegabytes("self")} rclone ${peakMegabytes(rclone)}\n`);
} else {
  process.stdout.write("ready\n");
}
if (task === "wait") setInterval(() => undefined, 60_000);

function peakMegabytes(process: number | "self"): number {
  const status = readFileSync(`/proc/${process}/status`, "utf8");
  return Math.round(Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1]) / 1000);
}
