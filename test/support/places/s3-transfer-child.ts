// Writes a large object to S3 and reads it back; tells the most memory that this took, in bytes, on standard output.
import { strict as assert } from "node:assert";
import { readFileSync } from "node:fs";
import { S3Storage } from "#storage/s3/provider.ts";
import { parseS3Settings } from "#storage/s3/settings.ts";

const [settings = "{}", sizeText = "0"] = process.argv.slice(2);
const size = Number(sizeText);
const storage = new S3Storage(parseS3Settings(JSON.parse(settings)));
const { signal } = new AbortController();
const chunk = Buffer.alloc(256 * 1024, "Safehouse");

async function* open(from = 0) {
  for (let at = from; at < size; at += chunk.length) {
    // As from a file: each chunk is new memory.
    yield Buffer.from(chunk.subarray(0, Math.min(chunk.length, size - at)));
  }
}

const resume = { state: undefined, keep: async () => undefined };
await storage.write("large.tar", { open, size, resume }, signal);
await using writer = await storage.openWrite("held.tar", {}, signal);
for await (const bytes of open()) await writer.write(bytes);
await writer.patchAt(0, Buffer.from("header"));
await writer.commit();
let read = 0;
for await (const bytes of await storage.read("large.tar", undefined, signal)) read += bytes.length;
assert.equal(read, size);
assert.equal(await storage.matches("large.tar", open, signal), true);
const peak = /^VmHWM:\s*(\d+) kB$/m.exec(readFileSync("/proc/self/status", "utf8"))?.[1];
process.stdout.write(String(Number(peak) * 1024));
