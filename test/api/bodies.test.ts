import { strict as assert } from "node:assert";
import { test } from "node:test";
import { BytesServer } from "#test/bytes-server.ts";

async function problemOf(response: Response): Promise<[number, unknown]> {
  return [response.status, ((await response.json()) as { problem: unknown }).problem];
}

test("what is removed needs no body, announced or not", async (context) => {
  const server = await BytesServer.here(context);
  const response = await server.fetch("/backups/none", { method: "DELETE" });
  assert.deepEqual(await problemOf(response), [404, "not-found"]);
  assert.deepEqual(server.faults, []);
});

test("a body without an announced length is read, and one that is too large refused", async (context) => {
  const server = await BytesServer.here(context);
  const send = (pieces: readonly string[]) => {
    const body = ReadableStream.from(pieces.map((piece) => Buffer.from(piece)));
    return server.fetch("/keys", { method: "POST", body, duplex: "half" });
  };
  assert.equal((await send(['{"name":', '"mine"}'])).status, 200);
  assert.deepEqual(await problemOf(await send(['{"name":'])), [400, "usage"]);
  const tooMuch = Array.from({ length: 6 }, () => " ".repeat(1024 * 1024));
  assert.deepEqual(await problemOf(await send(tooMuch)), [413, "usage"]);
  assert.deepEqual(server.faults, []);
});
