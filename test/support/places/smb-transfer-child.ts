// Writes and reads one large object, and tells the most memory that it took: a process of its own, so that only that counts.
import { readFileSync } from "node:fs";
import { text } from "node:stream/consumers";
import { SmbStorage } from "#storage/smb/provider.ts";
import { parseSmbSettings } from "#storage/smb/settings.ts";

const { settings, size } = JSON.parse(await text(process.stdin)) as {
  settings: unknown;
  size: number;
};
const { signal } = new AbortController();
const storage = new SmbStorage(parseSmbSettings(settings));
const chunk = Buffer.alloc(256 * 1024, 7);

async function* open(from = 0) {
  for (let at = from; at < size; at += chunk.length) yield chunk.subarray(0, size - at);
}

const stored = await storage.write("big.tar", { open, size }, signal);
let bytes = 0;
for await (const part of await storage.read("big.tar", undefined, signal)) bytes += part.length;
const status = readFileSync("/proc/self/status", "utf8");
const peakBytes = 1024 * Number(/^VmHWM:\s*(\d+) kB$/mu.exec(status)?.[1]);
console.log(JSON.stringify({ stored: stored.size, bytes, peakBytes }));
