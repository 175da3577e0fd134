import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { createServer, type AddressInfo } from "node:net";
import { once } from "node:events";
import { test } from "node:test";
import { inspect } from "node:util";
import type { ChannelKind } from "#core/notifications/channel.ts";
import { testNotification } from "#core/notifications/test-notification.ts";
import { SafehouseError } from "#core/model/problem.ts";
import { channelOf, someNotification } from "#test/channel-cases.ts";
import { ManualTime } from "#test/manual-time.ts";
import { closedPort, recordingServer } from "#test/recording-server.ts";
import { opensslIsAbsent, selfSigned } from "#test/self-signed.ts";
import { openChannel } from "./open-channel.ts";

const never = new AbortController().signal;

function send(
  kind: ChannelKind,
  settings: Readonly<Record<string, unknown>>,
  { notification = someNotification, time = new ManualTime(), signal = never } = {},
): Promise<void> {
  const { clock, startTimer } = time;
  const tools = { clock, startTimer, limitInMs: 20_000 };
  return openChannel(channelOf(kind, settings), tools).send(notification, signal);
}

/** Why a message did not get there. */
async function failure(sending: Promise<void>): Promise<SafehouseError> {
  const error: unknown = await sending.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  assert.ok(error instanceof SafehouseError, inspect(error));
  return error;
}

test("a webhook gets JSON, with the header that it asked for", async (context) => {
  const server = await recordingServer(context);
  const header = { headerName: "Authorization", headerValue: "Bearer hook" };
  await send("webhook", { url: `${server.origin}/hook/?a=b`, ...header });
  const [request] = server.requests;
  assert.equal(request?.method, "POST");
  assert.equal(request.path, "/hook/?a=b");
  assert.equal(request.headers["content-type"], "application/json");
  assert.equal(request.headers.authorization, "Bearer hook");
  const message = JSON.parse(request.body) as Readonly<Record<string, unknown>>;
  assert.match(String(message["id"]), /^[0-9a-f]{32}$/u);
  assert.deepEqual(message, {
    version: 1,
    id: message["id"],
    event: "alert",
    at: "2026-11-22T03:00:00.000Z",
    severity: "error",
    title: someNotification.title,
    text: someNotification.text,
    plan: "nightly",
    location: null,
    alert: "run-failed:nightly",
    run: null,
  });
});

for (const [key, bytes] of [
  [
    "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
    Buffer.from("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "base64"),
  ],
  ["a key of words", Buffer.from("a key of words")],
] as const) {
  test(`a webhook is signed as Standard Webhooks has it, with ${key}`, async (context) => {
    const server = await recordingServer(context);
    const time = new ManualTime();
    await send("webhook", { url: server.origin, signingKey: key }, { time });
    const [request] = server.requests;
    const { "webhook-id": id, "webhook-timestamp": at } = request?.headers ?? {};
    assert.equal(Number(at), Math.floor(time.clock.now() / 1000));
    const signed = `${String(id)}.${String(at)}.${request?.body}`;
    const expected = createHmac("sha256", bytes).update(signed).digest("base64");
    assert.equal(request?.headers["webhook-signature"], `v1,${expected}`);
  });
}

test("ntfy gets titles with umlauts and emoji: headers would not carry them", async (context) => {
  const server = await recordingServer(context);
  await send("ntfy", { url: `${server.origin}/push/my-topic`, token: "tk_1" });
  const [request] = server.requests;
  assert.equal(request?.path, "/push/");
  assert.equal(request.headers.authorization, "Bearer tk_1");
  assert.deepEqual(JSON.parse(request.body), {
    topic: "my-topic",
    title: someNotification.title,
    message: someNotification.text,
    priority: 4,
    tags: ["rotating_light"],
  });
});

test("ntfy without a token gets none, and the priority that was set", async (context) => {
  const server = await recordingServer(context);
  await send("ntfy", { url: `${server.origin}/topic`, priority: "5" });
  const [request] = server.requests;
  assert.equal(request?.path, "/");
  assert.equal(request.headers.authorization, undefined);
  assert.equal((JSON.parse(request.body) as { priority: number }).priority, 5);
});

test("Gotify gets its token in a header and not in the address", async (context) => {
  const server = await recordingServer(context);
  await send("gotify", { url: `${server.origin}/gotify/`, token: "Atoken" });
  const [request] = server.requests;
  assert.equal(request?.path, "/gotify/message");
  assert.equal(request.headers["x-gotify-key"], "Atoken");
  const { title, text: message } = someNotification;
  assert.deepEqual(JSON.parse(request.body), { title, message, priority: 8 });
});

test("a check is started, succeeds and fails with the id of the run; everything else is logged", async (context) => {
  const server = await recordingServer(context);
  const run = "0123456789abcdef0123456789abcdef";
  for (const event of ["run-started", "run-succeeded", "run-failed", "alert", "test"] as const) {
    const notification = { ...someNotification, event, run };
    await send("ping", { url: `${server.origin}/key/nightly?create=1` }, { notification });
  }
  const rid = "create=1&rid=01234567-89ab-cdef-0123-456789abcdef";
  assert.deepEqual(
    server.requests.map(({ path }) => path),
    [
      `/key/nightly/start?${rid}`,
      `/key/nightly?${rid}`,
      `/key/nightly/fail?${rid}`,
      "/key/nightly/log?create=1",
      "/key/nightly/log?create=1",
    ],
  );
  assert.equal(server.requests[2]?.body, `${someNotification.title}\n${someNotification.text}`);
});

test("a test of a channel is a message like any other", async (context) => {
  const server = await recordingServer(context);
  const notification = testNotification("Phone", someNotification.at);
  await send("gotify", { url: server.origin, token: "A" }, { notification });
  assert.equal(
    (JSON.parse(server.requests[0]?.body ?? "") as { title: string }).title,
    "Test of Phone",
  );
});

test("healthchecks.io answers 200 to a check that there is not: told by its words", async (context) => {
  const server = await recordingServer(context);
  server.answer = () => ({ status: 200, body: "OK (not found)" });
  const error = await failure(send("ping", { url: `${server.origin}/uuid` }));
  assert.equal(error.problem, "not-found");
  server.answer = () => ({ status: 200, body: "OK (rate limited)" });
  assert.equal((await failure(send("ping", { url: server.origin }))).problem, "busy");
});

for (const [status, problem] of [
  [400, "usage"],
  [401, "denied"],
  [403, "denied"],
  [404, "not-found"],
  [410, "not-found"],
  [413, "usage"],
  [429, "busy"],
  [500, "unreachable"],
  [503, "unreachable"],
] as const) {
  test(`an answer ${status} is told as ${problem}, with its number and the host`, async (context) => {
    const server = await recordingServer(context);
    server.answer = () => ({ status, body: "hunter2" });
    const error = await failure(send("webhook", { url: `${server.origin}/hunter2` }));
    assert.equal(error.problem, problem);
    assert.match(error.message, new RegExp(`^127\\.0\\.0\\.1:${server.port} answered ${status}: `));
    assert.doesNotMatch(inspect(error, { depth: 9 }), /hunter2/u);
  });
}

test("no redirect is followed: it would hand the secret to another host", async (context) => {
  const other = await recordingServer(context);
  const server = await recordingServer(context);
  for (const status of [301, 302, 303, 307, 308]) {
    server.answer = () => ({ status, location: `${other.origin}/hunter2` });
    const error = await failure(send("gotify", { url: server.origin, token: "hunter2" }));
    assert.equal(error.problem, "usage");
    assert.match(
      error.message,
      new RegExp(`answered ${status}: it sends us on to ${other.origin}$`),
    );
    assert.doesNotMatch(inspect(error, { depth: 9 }), /hunter2/u);
  }
  assert.equal(other.requests.length, 0);
});

test("a name that nobody knows", async () => {
  const error = await failure(send("webhook", { url: "http://nobody.invalid/hunter2" }));
  assert.equal(error.problem, "unreachable");
  assert.match(
    error.message,
    /^nobody\.invalid has a name that nobody knows \((ENOTFOUND|EAI_AGAIN)\)$/u,
  );
  assert.doesNotMatch(inspect(error, { depth: 9 }), /hunter2/u);
});

test("a port at which nobody listens", async () => {
  const port = await closedPort();
  const error = await failure(send("webhook", { url: `http://127.0.0.1:${port}/hunter2` }));
  assert.equal(error.message, `127.0.0.1:${port} refuses connections (ECONNREFUSED)`);
  assert.doesNotMatch(inspect(error, { depth: 9 }), /hunter2/u);
});

test("a certificate that is not trusted", { skip: opensslIsAbsent }, async (context) => {
  const untrusted = await recordingServer(context, selfSigned("localhost"));
  const error = await failure(send("webhook", { url: untrusted.origin }));
  assert.equal(error.problem, "denied");
  assert.match(error.message, /certificate that this machine does not trust/u);
  assert.equal(untrusted.requests.length, 0);
});

test("TLS where there is none", async (context) => {
  const open = await recordingServer(context);
  const error = await failure(send("webhook", { url: `https://127.0.0.1:${open.port}` }));
  assert.match(error.message, /does not speak TLS there|broke the connection/u);
});

test("a server that speaks no HTTP", async (context) => {
  const server = createServer((socket) => socket.end("220 mail.example.org ESMTP\r\n"));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  context.after(() => server.close());
  const { port } = server.address() as AddressInfo;
  const error = await failure(send("webhook", { url: `http://127.0.0.1:${port}` }));
  assert.match(error.message, /does not speak HTTP there/u);
});

test("a server that takes the message and never answers is given up, and names itself", async (context) => {
  const server = await recordingServer(context);
  server.answer = () => undefined;
  const time = new ManualTime();
  const sending = failure(send("webhook", { url: `${server.origin}/hunter2` }, { time }));
  while (server.requests.length === 0) await new Promise((resolve) => setImmediate(resolve));
  await time.pass(20_000);
  const { problem, message } = await sending;
  assert.equal(problem, "unreachable");
  assert.equal(message, `127.0.0.1:${server.port} did not answer within 20 seconds`);
});

test("a message that was taken is not sent again because the rest of the answer does not come", async (context) => {
  const server = createServer((socket) =>
    socket.once("data", () => socket.write("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nOK")),
  );
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  context.after(() => server.close());
  const { port } = server.address() as AddressInfo;
  const { clock, startTimer } = new ManualTime();
  const timers: (() => void)[] = [];
  const tools = {
    clock,
    limitInMs: 20_000,
    startTimer: (milliseconds: number, callback: () => void) => {
      timers.push(callback);
      return startTimer(milliseconds, callback);
    },
  };
  const channel = channelOf("webhook", { url: `http://127.0.0.1:${port}` });
  const sending = openChannel(channel, tools).send(someNotification, never);
  // The second timer begins when the head of the answer is there.
  while (timers.length < 2) await new Promise((resolve) => setImmediate(resolve));
  timers[1]?.();
  await sending;
});

test("an answer without end is read no further than is of use", async (context) => {
  const server = await recordingServer(context);
  server.answer = () => ({ status: 200, body: "x".repeat(50_000_000) });
  const time = new ManualTime();
  await send("webhook", { url: server.origin }, { time });
  assert.equal(time.running, 0);
});

test("sending ends at once when the caller wants it", async (context) => {
  const server = await recordingServer(context);
  server.answer = () => undefined;
  const caller = new AbortController();
  const sending = send("webhook", { url: server.origin }, { signal: caller.signal });
  const reason = new SafehouseError("cancelled", "Stopped");
  while (server.requests.length === 0) await new Promise((resolve) => setImmediate(resolve));
  caller.abort(reason);
  await assert.rejects(sending, (error) => error === reason);
});

test("an address that only looks like one is refused when the channel is opened, unspoken", async () => {
  const opening = async (): Promise<void> => send("webhook", { url: "http://[hunter2/" });
  const error = await failure(opening());
  assert.equal(error.problem, "usage");
  assert.doesNotMatch(inspect(error, { depth: 9 }), /hunter2/u);
});
