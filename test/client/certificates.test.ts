import assert from "node:assert/strict";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { test } from "node:test";
import { ApiClient } from "#client/api-client.ts";
import { SafehouseError } from "#core/model/problem.ts";
import { listKeysOperation } from "#operations/keys/list-keys.ts";
import { opensslIsAbsent, selfSigned } from "#test/self-signed.ts";

const { signal } = new AbortController();

test(
  "a certificate that nobody vouches for is refused, but for the server that the data directory names",
  { skip: opensslIsAbsent },
  async () => {
    const asked: (string | undefined)[] = [];
    const server = createServer(selfSigned("localhost"), ({ headers }, response) => {
      asked.push(headers.authorization);
      response.end(JSON.stringify({ keys: [] }));
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const url = new URL(`https://127.0.0.1:${(server.address() as AddressInfo).port}/`);
    const client = (found: boolean): ApiClient =>
      new ApiClient({ url, token: "shs_8f3c2a", found }, "1.2.3");
    await assert.rejects(client(false).call(listKeysOperation, {}, signal), (error) => {
      assert.ok(error instanceof SafehouseError);
      assert.equal(error.problem, "unreachable");
      assert.match(error.message, /has a certificate (that nobody vouches for|for another name)/);
      assert.match(error.advice ?? "", /NODE_EXTRA_CA_CERTS/);
      return true;
    });
    assert.deepEqual(asked, [], "the token was not sent");
    assert.deepEqual(await client(true).call(listKeysOperation, {}, signal), { keys: [] });
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  },
);
