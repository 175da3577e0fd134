import assert from "node:assert/strict";
import { once } from "node:events";
import { globSync, readFileSync } from "node:fs";
import { request, type IncomingMessage } from "node:http";
import { test } from "node:test";
import { filesWith } from "#test/files-with.ts";
import { Bench, type JsonValue } from "#test/safehouse.ts";
import { processesOf, TestServer, type ServerQuestion } from "#test/server.ts";

const password = "Zaunkönig-in-der-Hecke-7";
const backupPassword = "Rotkehlchen-auf-dem-Dach-8";
const access = "/api/v1/access";
const home = "/api/v1/homes/home";
const ssl = { folders: ["ssl"], homeassistant: false };

test("a server that nobody has set up offers the page and setting up, and nothing else", async () => {
  using bench = new Bench();
  await using server = await TestServer.start(bench);
  const description = (await server.ask("/api/v1/openapi.json")).json;
  const open: string[] = [];
  for (const [path, route] of Object.entries(description.at("paths") as object))
    for (const method of Object.keys(route as object)) {
      const asked = path.replaceAll(/\{\w+\}/g, "x");
      const { status } = await server.ask(asked, { method: method.toUpperCase(), token: null });
      if (status !== 401) open.push(`${method} ${path} ${status}`);
    }
  assert.deepEqual(open.toSorted(), [
    `delete ${access}/session 204`,
    `get ${access}/session 200`,
    `post ${access}/session 400`,
    `post ${access}/set-up/session 400`,
  ]);
  for (const [path, status] of [
    ["/", 302],
    ["/ui/", 200],
    ["/healthz", 200],
    ["/metrics", 401],
    // What the API is is no secret of anybody.
    ["/api/v1/openapi.json", 200],
    ["/nothing", 404],
    [`${home}/nothing`, 404],
  ] as const)
    assert.equal((await server.ask(path, { token: null })).status, status, path);
  const signIn = await server.ask(`${access}/session`, { token: null, json: { password } });
  assert.equal(signIn.status, 403, "nobody signs in before there is a password");
});

test("the set-up link leads to the first password, and nowhere after it", async () => {
  using bench = new Bench();
  await using server = await TestServer.start(bench);
  const token = server.setUpToken;
  const page = { Origin: server.url };
  const begun = await askAsNobody(server, `${access}/set-up/session`, {
    json: { token },
    headers: page,
  });
  assert.equal(begun.status, 200, begun.text);
  const inSetUp = { ...page, Cookie: cookieOf(begun.headers) };
  const info = await server.ask(`${home}/info`, { token: null, headers: inSetUp });
  assert.equal(info.status, 200, "what there is to back up is part of setting up");
  const backups = await server.ask(`${home}/backups`, { json: {}, token: null, headers: inSetUp });
  assert.equal(backups.status, 403);
  const set = await askAsNobody(server, `${access}/set-up/password`, {
    json: { password },
    headers: inSetUp,
  });
  assert.equal(set.status, 200, set.text);
  const again = await askAsNobody(server, `${access}/set-up/session`, {
    json: { token },
    headers: page,
  });
  assert.equal(again.status, 403, again.text);
  await server.stop("SIGTERM");
  await using next = await TestServer.start(bench);
  assert.doesNotMatch(next.said, /#set-up=/);
});

test("who guesses the password waits longer and longer, and who has a token does not", async () => {
  using bench = new Bench();
  await using server = await TestServer.start(bench);
  await setUp(server);
  const statuses: number[] = [];
  let last: ServerAnswerHead | undefined;
  for (let guess = 0; guess < 8; guess += 1) {
    last = await askAsNobody(server, `${access}/session`, { json: { password: `wrong ${guess}` } });
    statuses.push(last.status);
  }
  assert.equal(statuses[0], 422);
  assert.equal(statuses.at(-1), 429);
  assert.ok(Number(last?.headers.get("retry-after")) >= 1);
  const right = await askAsNobody(server, `${access}/session`, { json: { password } });
  assert.equal(right.status, 429, "the right one, too");
  assert.equal((await server.ask(`${home}/keys`)).status, 200);
});

test("a token does what its scope says and no more", async () => {
  using bench = new Bench();
  await using server = await TestServer.start(bench);
  const tokens = new Map<string, string>();
  for (const scope of ["read", "backup", "restore", "admin"]) {
    const made = await server.ask(`${access}/tokens`, { json: { name: scope, scope } });
    tokens.set(scope, made.json.text("token"));
  }
  const slug = (await server.run("/backups", ssl)).text("backup", "slug");
  const verify = `${home}/backups/${slug}/verify`;
  const restore = `${home}/backups/${slug}/restore`;
  const asked = async (scope: string): Promise<readonly number[]> => {
    const token = tokens.get(scope) ?? "";
    const read = await server.ask(`${home}/backups`, { token });
    const check = await server.ask(verify, { token, json: { level: "listing" } });
    const dryRun = await server.ask(restore, { token, json: { dryRun: true, stopped: true } });
    const admin = await server.ask(`${home}/keys`, { token, json: {} });
    const more = await server.ask(`${access}/tokens`, { token, json: { name: "x", scope } });
    return [read, check, dryRun, admin, more].map(({ status }) => status);
  };
  assert.deepEqual(await asked("read"), [200, 403, 403, 403, 403]);
  assert.deepEqual(await asked("backup"), [200, 202, 403, 403, 403]);
  assert.deepEqual(await asked("restore"), [200, 202, 202, 403, 403]);
  assert.deepEqual(await asked("admin"), [200, 202, 202, 200, 201]);
  assert.equal((await server.ask(`${home}/backups`, { token: "sh_made-up" })).status, 401);
});

test("pages of other sites get nothing done, whatever name they call us by", async () => {
  using bench = new Bench();
  await using server = await TestServer.start(bench);
  const cookie = await setUp(server);
  const post = (headers: Readonly<Record<string, string>>) =>
    raw(server, `${home}/backups`, { method: "POST", headers: { Cookie: cookie, ...headers } });
  const { host } = new URL(server.url);
  const own = { Origin: server.url, Host: host, "Content-Type": "application/json" };
  assert.equal(await post({ ...own, Origin: "http://evil.example" }), 403);
  assert.equal(await post({ ...own, Origin: "null" }), 403);
  assert.equal(await post({ ...own, "Sec-Fetch-Site": "cross-site" }), 403);
  assert.equal(await post({ Host: host, "Content-Type": "text/plain" }), 403);
  const rebound = { Origin: "http://evil.example", Host: "evil.example" };
  assert.equal(await post(rebound), 421);
  assert.equal(
    await raw(server, `${home}/backups`, { headers: { ...rebound, Cookie: cookie } }),
    421,
  );
  assert.equal(await raw(server, "/ui/", { headers: rebound }), 421);
  assert.deepEqual((await server.home("/runs")).list("runs"), []);
  assert.equal(await post(own), 202);
});

test("no secret stands in a log, a process list, a file or an answer", async () => {
  using bench = new Bench();
  await using server = await TestServer.start(bench, { env: { SAFEHOUSE_LOG_LEVEL: "debug" } });
  const cookie = await setUp(server);
  const made = await server.ask(`${access}/tokens`, { json: { name: "ha", scope: "admin" } });
  const token = made.json.text("token");
  const key = await server.home("/keys", { json: { name: "Mine" } });
  const id = key.text("id");
  const secret = (await server.home(`/keys/${id}/reveal`, { method: "POST", json: {} })).text(
    "key",
  );
  const secrets = [
    password,
    backupPassword,
    token,
    server.token,
    server.setUpToken,
    cookie.split("=")[1] ?? "",
    secret,
    secret.replaceAll("-", ""),
  ];
  assert.ok(secrets.every((text) => text.length > 15));
  const answers: string[] = [];
  const commandLines = new Set<string>();
  const ask = async (path: string, json?: unknown): Promise<JsonValue> => {
    const answer = await server.ask(home + path, {
      token,
      ...(json === undefined ? {} : { json }),
    });
    answers.push(answer.text);
    for (const line of commandLinesOf(bench)) commandLines.add(line);
    const run = answer.json.at("run");
    if (typeof run === "string") answers.push(JSON.stringify((await server.ended(run)).value));
    return answer.json;
  };
  await ask("/backups", ssl);
  await ask("/backups", { ...ssl, password: backupPassword });
  const [own] = (await ask("/backups")).list("backups");
  const slug = own?.text("slug") ?? "";
  const restore = `/backups/${slug}/restore`;
  await ask(restore, { password: backupPassword, stopped: true });
  await ask(restore, { password: `${backupPassword}?`, stopped: true });
  await ask(`/backups/${slug}/verify`, { password: backupPassword });
  await ask("/keys/import", { password: backupPassword, name: "Other", unknown: password });
  await ask(`/keys/${id}/prove`, { groups: { 1: secret } });
  for (const path of ["/info", "/runs", "/keys", "/restore", "/paths", `/backups/${slug}`])
    await ask(path);
  for (const path of ["/metrics", "/healthz", `${access}/tokens`, `${access}/sessions`])
    answers.push((await server.ask(path)).text);
  const shown = (texts: string) => secrets.filter((text) => texts.includes(text));
  assert.deepEqual(shown(answers.join("\n")), []);
  assert.deepEqual(shown([...commandLines].join("\n")), []);
  assert.ok(commandLines.size > 1, "workers were seen");
  const said = server.said.replace(`#set-up=${server.setUpToken}`, "");
  assert.deepEqual(shown(said), []);
  await server.stop("SIGTERM");
  assert.deepEqual(filesWith(bench.dataDir, secrets), []);
  assert.deepEqual(filesWith(bench.location, secrets), []);
});

type ServerAnswerHead = Awaited<ReturnType<TestServer["ask"]>>;

function askAsNobody(
  server: TestServer,
  path: string,
  question: Pick<ServerQuestion, "json" | "headers">,
): Promise<ServerAnswerHead> {
  return server.ask(path, { ...question, token: null });
}

/** Sets the password, and returns the cookie of the session that begins with it. */
async function setUp(server: TestServer): Promise<string> {
  const page = { Origin: server.url };
  const token = server.setUpToken;
  const begun = await askAsNobody(server, `${access}/set-up/session`, {
    json: { token },
    headers: page,
  });
  const headers = { ...page, Cookie: cookieOf(begun.headers) };
  const set = await askAsNobody(server, `${access}/set-up/password`, {
    json: { password },
    headers,
  });
  assert.equal(set.status, 200, set.text);
  return cookieOf(set.headers);
}

function cookieOf(headers: Headers): string {
  return headers.get("set-cookie")?.split(";")[0] ?? "";
}

/** Status of an answer to headers that `fetch` does not send. */
async function raw(
  { url }: TestServer,
  path: string,
  { method = "GET", headers = {} }: Pick<ServerQuestion, "method" | "headers">,
): Promise<number | undefined> {
  const sent = request(url + path, { method, headers, agent: false });
  sent.end(method === "GET" ? undefined : JSON.stringify(ssl));
  const [response] = (await once(sent, "response")) as [IncomingMessage];
  response.resume();
  return response.statusCode;
}

function commandLinesOf(bench: Bench): readonly string[] {
  const files = globSync(`/proc/{${processesOf(bench).join(",")},0}/cmdline`);
  return files.map((file) => readFileSync(file, "utf8").replaceAll("\0", " "));
}
