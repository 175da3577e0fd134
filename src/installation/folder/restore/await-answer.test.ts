import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer, type RequestListener } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { awaitAnswer } from "./await-answer.ts";

const never = new AbortController().signal;

async function portOf(server: Server, port = 0): Promise<number> {
  server.listen(port, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  assert.ok(address !== null && typeof address === "object");
  return address.port;
}

/** A port at which nobody listens. */
async function freePort(): Promise<number> {
  const server = createServer();
  const port = await portOf(server);
  server.close();
  await once(server, "close");
  return port;
}

async function serving(listener: RequestListener, use: (url: string) => Promise<void>) {
  const server = createServer(listener);
  try {
    await use(`http://127.0.0.1:${await portOf(server)}/`);
  } finally {
    server.close();
    server.closeAllConnections();
  }
}

test("any answer counts, also one that asks for a password", async () => {
  await serving(
    (_, response) => response.writeHead(401).end(),
    async (url) =>
      assert.equal(await awaitAnswer(url, { limitInMs: 60_000, signal: never }), undefined),
  );
});

test("a server that is still starting is asked again", async () => {
  let asked = 0;
  await serving(
    (_, response) => response.writeHead((asked += 1) < 3 ? 503 : 200).end(),
    async (url) =>
      assert.equal(await awaitAnswer(url, { limitInMs: 60_000, signal: never }), undefined),
  );
  assert.equal(asked, 3);
});

test("nobody at the address is awaited, and told when the time is over", async () => {
  const url = `http://127.0.0.1:${await freePort()}/`;
  const silence = await awaitAnswer(url, { limitInMs: 0, signal: never });
  assert.match(silence ?? "", /ECONNREFUSED/);
});

test("a failing server is told with its status", async () => {
  await serving(
    (_, response) => response.writeHead(502).end(),
    async (url) =>
      assert.equal(await awaitAnswer(url, { limitInMs: 0, signal: never }), "it answers with 502"),
  );
});

test("waiting can be cancelled", async () => {
  const url = `http://127.0.0.1:${await freePort()}/`;
  const controller = new AbortController();
  const waiting = awaitAnswer(url, { limitInMs: 600_000, signal: controller.signal });
  setTimeout(() => controller.abort(), 50);
  assert.match((await waiting) ?? "", /waiting for it was cancelled/);
});

const openssl = existsSync("/usr/bin/openssl") ? false : "absent: openssl";

test("a certificate that nobody vouches for is no obstacle", { skip: openssl }, async () => {
  const folder = mkdtempSync(join(tmpdir(), "safehouse-certificate-"));
  const [key, certificate] = [join(folder, "key"), join(folder, "certificate")];
  const request = ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=home"];
  execFileSync("openssl", [...request, "-keyout", key, "-out", certificate], { stdio: "ignore" });
  const server = createTlsServer(
    { key: readFileSync(key), cert: readFileSync(certificate) },
    (_, response) => response.end("here"),
  );
  try {
    const url = `https://127.0.0.1:${await portOf(server)}/`;
    assert.equal(await awaitAnswer(url, { limitInMs: 60_000, signal: never }), undefined);
  } finally {
    server.close();
    server.closeAllConnections();
    rmSync(folder, { recursive: true });
  }
});
