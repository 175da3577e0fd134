import assert from "node:assert/strict";
import { closeSync, openSync } from "node:fs";
import { test } from "node:test";
import type { PartEvent } from "#core/model/part-event.ts";
import { BatchSender } from "./batch-sender.ts";
import { bufferBytes, bufferCount, decodeBatch, sharedBuffer } from "./reader-protocol.ts";
import { sendFile } from "./send-file.ts";
import { TemporaryHome, config } from "./temporary-home.test-support.ts";

/** Sends a file of `length` bytes that was `size` bytes long a moment before it was read. */
function send(length: number, size: number): string[] {
  using home = new TemporaryHome();
  const descriptor = openSync(home.write("share/a", Buffer.alloc(length, 1)), "r");
  const memory = new SharedArrayBuffer(bufferCount * bufferBytes);
  const events: PartEvent[] = [];
  const task = {
    kind: "read",
    part: config,
    root: "",
    database: true,
    rules: [],
    dataDir: "",
    scratch: "",
  } as const;
  const sender = new BatchSender(
    { task, memory, returned: new Int32Array(new SharedArrayBuffer(4)) },
    (message) => {
      if (message.kind === "batch")
        events.push(...decodeBatch(message.events, sharedBuffer(memory, message.buffer)));
    },
  );
  try {
    sender.room(1).fill(9, 0, 100);
    sender.filled(100);
    sendFile(sender, {
      descriptor,
      path: "a",
      size,
      attributes: { mode: 0, uid: 0, gid: 0, mtime: 0 },
    });
    sender.flush();
  } finally {
    closeSync(descriptor);
  }
  const sent = events
    .slice(1)
    .flatMap((event) => (event.kind === "data" ? event.bytes.length : []));
  const header = events.flatMap((event) => (event.kind === "entry" ? event.entry.size : []));
  const notes = events.flatMap((event) => (event.kind === "note" ? event.note.problem : []));
  return [`size ${header.join()}`, `sent ${sent.reduce((sum, count) => sum + count, 0)}`, ...notes];
}

test("a small file that changes before it is read has the size that was read, and needs no note", () => {
  assert.deepEqual(send(5000, 10), ["size 5000", "sent 5000"]);
  assert.deepEqual(send(10, 5000), ["size 10", "sent 10"]);
  assert.deepEqual(send(bufferBytes, 10), [`size ${bufferBytes}`, `sent ${bufferBytes}`]);
});

test("a small file that outgrows the buffer is cut there and named", () => {
  assert.deepEqual(send(bufferBytes + 5, 10), [
    `size ${bufferBytes}`,
    `sent ${bufferBytes}`,
    "grew",
  ]);
});
