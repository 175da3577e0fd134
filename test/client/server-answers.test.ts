import assert from "node:assert/strict";
import { createServer as createTcpServer } from "node:net";
import { test } from "node:test";
import fc from "fast-check";
import { problemAnswers, problemResponse } from "#api/problem-document.ts";
import { ApiClient } from "#client/api-client.ts";
import { parseEndpoint } from "#client/server-address.ts";
import { readProblem } from "#client/read-problem.ts";
import { SafehouseError, type Problem } from "#core/model/problem.ts";
import { listKeysOperation } from "#operations/keys/list-keys.ts";
import { ApiServer } from "#test/api-server.ts";
import { loops } from "#test/loops.ts";

const token = "shs_8f3c2a";
const never = new AbortController().signal;

async function failureOf(asked: Promise<unknown>): Promise<SafehouseError> {
  const error: unknown = await asked.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  assert.ok(error instanceof SafehouseError, String(error));
  assert.ok(!JSON.stringify([error.message, error.advice, error.subject]).includes(token));
  return error;
}

test("a failure of a server is thrown here as it was there", async () => {
  const problems = Object.keys(problemAnswers) as Problem[];
  const fact = fc.oneof(fc.string(), fc.integer(), fc.boolean(), fc.constant(null));
  // No fact has a name that every object has.
  const factName = fc
    .stringMatching(/^[a-z]{1,9}$/)
    .filter((name) => !["prototype", "constructor"].includes(name) && !(name in {}));
  const details = fc.record(
    {
      subject: fc.string(),
      advice: fc.string(),
      facts: fc.dictionary(factName, fact, { noNullPrototype: true }),
    },
    { requiredKeys: [], noNullPrototype: true },
  );
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...problems),
      fc.string(),
      details,
      async (problem, message, more) => {
        const thrown = new SafehouseError(problem, message, more);
        const answer = problemResponse(thrown, () => assert.fail());
        const read = readProblem(await answer.json());
        assert.ok(read instanceof SafehouseError);
        assert.deepEqual(said(read), said(thrown));
      },
    ),
    { numRuns: loops(200) },
  );
});

function said({ problem, message, subject, advice, facts }: SafehouseError): unknown {
  return { problem, message, subject, advice, facts };
}

test("a fault of a server is no failure that a person can act on, and names where its log tells more", async () => {
  const answer = problemResponse(new Error("secret detail"), () => undefined);
  const error = readProblem(await answer.json());
  assert.ok(error !== undefined && !(error instanceof SafehouseError));
  assert.match(error.message, /Look for [0-9a-f-]{36} in its log/);
});

const strange: readonly (readonly [what: string, status: number, body: string])[] = [
  ["a page", 200, "<html>Router</html>"],
  ["an empty answer", 204, ""],
  ["a page that is not there", 404, "Not found"],
  ["JSON of somebody else", 404, '{"message":"API not found"}'],
  ["a redirection", 302, ""],
];
for (const [what, status, body] of strange)
  test(`whatever answers with ${what} is no Safehouse`, async () => {
    const asked: (string | undefined)[] = [];
    await using server = await ApiServer.listen((request, response) => {
      asked.push(request.url);
      response.writeHead(status, { Location: "/elsewhere" }).end(body);
    });
    const error = await failureOf(server.client(token).call(listKeysOperation, {}, never));
    assert.equal(error.problem, "unreachable");
    assert.match(error.message, /^What answers at http:\/\/127\.0\.0\.1:\d+ is no Safehouse/);
    assert.deepEqual(asked, ["/api/v1/homes/home/keys"], "a token goes nowhere else");
  });

test("what does not even speak HTTP is no Safehouse", async () => {
  const server = createTcpServer((socket) => socket.end("220 mail.example ESMTP\r\n"));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  assert.ok(typeof address === "object" && address !== null);
  const url = new URL(`http://127.0.0.1:${address.port}/`);
  const client = new ApiClient({ url, token, found: false }, "1.2.3");
  const error = await failureOf(client.call(listKeysOperation, {}, never));
  assert.match(error.message, /it does not speak HTTP$/);
  server.close();
});

test("nobody listens: unreachable, with what to do about it", async () => {
  const server = await ApiServer.listen(() => undefined);
  await server[Symbol.asyncDispose]();
  const error = await failureOf(server.client(token).call(listKeysOperation, {}, never));
  assert.equal(error.problem, "unreachable");
  assert.match(error.message, /cannot be reached \(ECONNREFUSED\)$/);
  const found = new ApiClient({ url: server.url, token, found: true }, "1.2.3");
  assert.match(
    (await failureOf(found.call(listKeysOperation, {}, never))).advice ?? "",
    /--embedded/,
  );
});

test("HTTPS to a server without it says so", async () => {
  await using server = await ApiServer.listen((_, response) => response.end());
  const url = new URL(server.url.href.replace("http:", "https:"));
  const client = new ApiClient({ url, token, found: false }, "1.2.3");
  const error = await failureOf(client.call(listKeysOperation, {}, never));
  assert.match(error.message, /does not speak HTTPS/);
});

test("a server that breaks off in the middle of an answer is unreachable", async () => {
  await using server = await ApiServer.listen((_, response) => {
    response.writeHead(200, { "Content-Length": "1000" });
    response.write("{", () => response.destroy());
  });
  const error = await failureOf(server.client(token).call(listKeysOperation, {}, never));
  assert.equal(error.problem, "unreachable");
});

test("a token that is wrong, and one that is missing, are two messages", async () => {
  await using server = await ApiServer.listen((_, response) => {
    const document = { problem: "denied", detail: "Sign in first", status: 401 };
    response.writeHead(401).end(JSON.stringify(document));
  });
  const wrong = await failureOf(server.client(token).call(listKeysOperation, {}, never));
  assert.equal(wrong.problem, "denied");
  assert.match(wrong.message, /does not take this token$/);
  const missing = await failureOf(server.client().call(listKeysOperation, {}, never));
  assert.match(missing.message, /lets nobody in without a token$/);
});

test("an answer of another version names both versions", async () => {
  await using server = await ApiServer.listen(({ url }, response) => {
    const said = url === "/api/v1/openapi.json" ? { info: { version: "9.0.0" } } : { keys: 7 };
    response.end(JSON.stringify(said));
  });
  const error = await failureOf(server.client(token).call(listKeysOperation, {}, never));
  assert.equal(error.problem, "unsupported");
  assert.match(error.message, /it is 9\.0\.0, and this is 1\.2\.3$/);
});

test("an operation that a server does not have is told as another version, and not as a thing that is missing", async () => {
  await using server = await ApiServer.listen(({ url }, response) => {
    if (url === "/api/v1/openapi.json")
      return response.end(JSON.stringify({ info: { version: "0.9.0" } }));
    const document = { problem: "not-found", detail: `There is nothing at ${url}`, subject: url };
    return response.writeHead(404).end(JSON.stringify(document));
  });
  const error = await failureOf(server.client(token).call(listKeysOperation, {}, never));
  assert.equal(error.problem, "unsupported");
  assert.match(error.message, /it is 0\.9\.0, and this is 1\.2\.3$/);
});

test("a request ends with its signal", async () => {
  const stop = new AbortController();
  const reason = new SafehouseError("cancelled", "Cancelled");
  await using server = await ApiServer.listen(() => stop.abort(reason));
  const error = await failureOf(server.client(token).call(listKeysOperation, {}, stop.signal));
  assert.equal(error, reason);
});

test("an address is read as a person gives it, and a password in it is not repeated", () => {
  assert.equal(
    parseEndpoint("https://nas.example/safehouse").href,
    "https://nas.example/safehouse/",
  );
  assert.equal(parseEndpoint("http://127.0.0.1:8300").href, "http://127.0.0.1:8300/");
  for (const text of [
    "nas:8300",
    "ftp://nas",
    "",
    "http://me:geheim@nas",
    "me:geheim@nas",
    "https://nas/?token=geheim",
  ])
    assert.throws(
      () => parseEndpoint(text),
      (error) =>
        error instanceof SafehouseError &&
        error.problem === "usage" &&
        !JSON.stringify([error.message, error.advice]).includes("geheim"),
    );
});
