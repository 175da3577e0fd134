import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { loops } from "#test/loops.ts";
import { serverSentEvents } from "./server-sent-events.ts";

async function eventsOf(...pieces: readonly Uint8Array[]): Promise<unknown[]> {
  async function* stream(): AsyncGenerator<Uint8Array> {
    yield* pieces;
  }
  return Array.fromAsync(serverSentEvents(stream()));
}

const utf8 = new TextEncoder();

test("reads events, comments between them and data of several lines", async () => {
  const text =
    '﻿: begin\n\nevent: run\ndata: {"a":1}\n\n:\n\ndata:x\ndata: y\ndata\n\nevent: none\n\n';
  assert.deepEqual(await eventsOf(utf8.encode(text)), [
    { event: "run", data: '{"a":1}' },
    { event: "message", data: "x\ny\n" },
  ]);
});

test("an event that the end of the stream cuts off did not happen", async () => {
  assert.deepEqual(await eventsOf(utf8.encode("data: whole\n\ndata: cut off\n")), [
    { event: "message", data: "whole" },
  ]);
});

test("pieces and line ends do not matter", async () => {
  const line = fc
    .stringMatching(/^[^\r\n]*$/u)
    .filter((text) => !/[\uFEFF\uD800-\uDFFF]/u.test(text));
  const kinds = fc.constantFrom("run", "changed", "ü");
  const event = fc.record({ event: kinds, data: line }, { noNullPrototype: true });
  await fc.assert(
    fc.asyncProperty(
      fc.array(event, { maxLength: 5 }),
      fc.constantFrom("\n", "\r\n", "\r"),
      fc.array(fc.nat(40), { maxLength: 60 }),
      async (events, end, cuts) => {
        const text = events.map((one) => `event: ${one.event}${end}data: ${one.data}${end}${end}`);
        let left = utf8.encode(text.join(""));
        const pieces: Uint8Array[] = [];
        for (const cut of cuts) {
          pieces.push(left.subarray(0, cut));
          left = left.subarray(cut);
        }
        assert.deepEqual(await eventsOf(...pieces, left), events);
      },
    ),
    { numRuns: loops(200) },
  );
});

test("an event without end is not collected for ever", async () => {
  async function* endless(): AsyncGenerator<Uint8Array> {
    for (;;) yield new Uint8Array(1024 * 1024).fill(65);
  }
  await assert.rejects(Array.fromAsync(serverSentEvents(endless())), RangeError);
});
