import assert from "node:assert/strict";
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { adoptEnvironmentPassword } from "#access/environment-password.ts";
import { hashPassword } from "#access/password-hash.ts";
import { setPassword } from "#access/set-password.ts";
import { openSetUp, setUpLink } from "#access/set-up.ts";
import { makeToken, revokeToken } from "#access/tokens.ts";
import type { Scope } from "#access/scope.ts";
import { AccessServer, type Answer } from "#test/access-server.ts";

const password = "correct horse battery staple";
const api = "/api/v1/access";
const minute = 60_000;
const day = 24 * 60 * minute;

async function signIn(server: AccessServer, given = password, from = "127.0.0.1"): Promise<Answer> {
  return server.ask(`${api}/session`, { json: { password: given }, from });
}

/** Headers of a page of ours in a browser that has signed in. */
async function signedIn(server: AccessServer): Promise<Readonly<Record<string, string>>> {
  const { status, cookie } = await signIn(server);
  assert.equal(status, 200);
  return { Cookie: cookie, ...server.ownPage };
}

async function bearer(server: AccessServer, scope: Scope, days?: number) {
  const { token, stored } = await makeToken(server.tools, { name: scope, scope, days });
  return { headers: { Authorization: `Bearer ${token}` }, id: stored.id, token };
}

function problemOf({ status, json }: Answer): unknown[] {
  return [status, json.at("problem")];
}

test("a server without a password offers nothing but set-up", async () => {
  await using server = await AccessServer.open();
  await openSetUp(server.tools);
  for (const path of ["/read", `${api}/tokens`, `${api}/sessions`])
    assert.deepEqual(problemOf(await server.ask(path)), [401, "denied"]);
  for (const path of ["/backup", "/restore", "/admin", `${api}/set-up/password`])
    assert.deepEqual(problemOf(await server.ask(path, { json: { password } })), [401, "denied"]);
  assert.deepEqual(problemOf(await signIn(server)), [403, "denied"]);
  const { json } = await server.ask(`${api}/session`);
  assert.deepEqual(json.value, { kind: "nobody", setUpNeeded: true });
});

test("the set-up link leads to a password, which uses it up", async () => {
  await using server = await AccessServer.open();
  const token = await openSetUp(server.tools);
  const wrong = await server.ask(`${api}/set-up/session`, { json: { token: `${token}x` } });
  assert.deepEqual(problemOf(wrong), [403, "denied"]);
  const begun = await server.ask(`${api}/set-up/session`, { json: { token } });
  const setUp = { Cookie: begun.cookie, ...server.ownPage };
  assert.equal(begun.json.at("kind"), "set-up");
  const ask = (path: string) => server.ask(path, { method: "POST", headers: setUp });
  assert.equal((await ask("/restore")).status, 200);
  assert.deepEqual(problemOf(await ask("/backup")), [403, "denied"]);
  assert.deepEqual(problemOf(await ask("/admin")), [403, "denied"]);
  const set = (given: string) =>
    server.ask(`${api}/set-up/password`, { headers: setUp, json: { password: given } });
  assert.deepEqual(problemOf(await set("too short")), [400, "usage"]);
  const done = await set(password);
  assert.deepEqual(done.json.value, { kind: "session", scope: "admin", setUpNeeded: false });
  const owner = { Cookie: done.cookie, ...server.ownPage };
  assert.equal((await server.ask("/admin", { method: "POST", headers: owner })).status, 200);
  // Neither the link nor the session that came of it is good for anything now.
  const again = await server.ask(`${api}/set-up/session`, { json: { token } });
  assert.deepEqual(problemOf(again), [403, "denied"]);
  assert.deepEqual(problemOf(await ask("/restore")), [401, "denied"]);
  assert.deepEqual(problemOf(await set("another password")), [401, "denied"]);
  assert.equal(await openSetUp(server.tools), undefined);
  assert.equal((await signIn(server)).status, 200);
});

test("each start makes a new set-up link, and each exchange ends the one before", async () => {
  await using server = await AccessServer.open();
  const old = await openSetUp(server.tools);
  const token = await openSetUp(server.tools);
  const exchange = (given: unknown) =>
    server.ask(`${api}/set-up/session`, { json: { token: given } });
  assert.equal((await exchange(old)).status, 403);
  const first = await exchange(token);
  const second = await exchange(token);
  const restore = ({ cookie: Cookie }: Answer) =>
    server.ask("/restore", { method: "POST", headers: { Cookie, ...server.ownPage } });
  assert.equal((await restore(first)).status, 401);
  assert.equal((await restore(second)).status, 200);
  await server.time.pass(61 * minute);
  assert.equal((await restore(second)).status, 401);
});

test("two that set the first password at once: one of them wins", async () => {
  await using server = await AccessServer.open();
  const token = await openSetUp(server.tools);
  const { cookie } = await server.ask(`${api}/set-up/session`, { json: { token } });
  const headers = { Cookie: cookie, ...server.ownPage };
  const given = ["the first password", "the other password"];
  const answers = await Promise.all(
    given.map((one) => server.ask(`${api}/set-up/password`, { headers, json: { password: one } })),
  );
  assert.equal(answers.filter(({ status }) => status === 200).length, 1);
  const winner = given[answers.findIndex(({ status }) => status === 200)];
  assert.equal((await signIn(server, winner)).status, 200);
});

test("a session lasts while it is used, and ends by signing out, by idling and by age", async () => {
  await using server = await AccessServer.open();
  await setPassword(server.tools, password);
  const status = async (headers: Readonly<Record<string, string>>) =>
    (await server.ask("/read", { headers })).status;
  const gone = await signedIn(server);
  assert.equal(await status(gone), 200);
  const out = await server.ask(`${api}/session`, { method: "DELETE", headers: gone });
  assert.equal(out.status, 204);
  assert.match(String(out.headers["set-cookie"]), /safehouse=;.*Max-Age=0/u);
  assert.equal(await status(gone), 401);
  const idle = await signedIn(server);
  const used = await signedIn(server);
  for (let days = 0; days < 88; days += 8) {
    assert.equal(await status(used), 200, `after ${days} days`);
    await server.time.pass(8 * day);
  }
  assert.equal(await status(idle), 401);
  await server.time.pass(3 * day);
  assert.equal(await status(used), 401);
});

test("a change of the password ends every session but that of who changed it", async () => {
  await using server = await AccessServer.open();
  await setPassword(server.tools, password);
  const other = await signedIn(server);
  const own = await signedIn(server);
  const change = (current: string, next: string) =>
    server.ask(`${api}/password`, { method: "PUT", headers: own, json: { current, new: next } });
  assert.deepEqual(problemOf(await change("something else", "a new password")), [
    422,
    "wrong-password",
  ]);
  assert.deepEqual(problemOf(await change(password, "short")), [400, "usage"]);
  const { status, cookie } = await change(password, "a new password");
  assert.equal(status, 200);
  assert.equal((await server.ask("/read", { headers: { Cookie: cookie } })).status, 200);
  for (const headers of [own, other])
    assert.equal((await server.ask("/read", { headers })).status, 401);
  assert.equal((await signIn(server)).status, 422);
  assert.equal((await signIn(server, "a new password")).status, 200);
});

test("sessions are listed without what opens them, and ended one by one or together", async () => {
  await using server = await AccessServer.open();
  await setPassword(server.tools, password);
  const phone = await signedIn(server);
  const own = await signedIn(server);
  await signedIn(server);
  const { json, text } = await server.ask(`${api}/sessions`, { headers: own });
  assert.equal(json.list("sessions").length, 3);
  assert.equal(json.list("sessions").filter((one) => one.at("current") === true).length, 1);
  assert.doesNotMatch(text, /hash/u);
  const phoneId = await sessionId(server, phone);
  const end = (id: string) =>
    server.ask(`${api}/sessions/${id}`, { method: "DELETE", headers: own });
  assert.deepEqual((await end(phoneId)).json.value, { ended: 1 });
  assert.deepEqual(problemOf(await end(phoneId)), [404, "not-found"]);
  assert.equal((await server.ask("/read", { headers: phone })).status, 401);
  const rest = await server.ask(`${api}/sessions`, { method: "DELETE", headers: own });
  assert.deepEqual(rest.json.value, { ended: 1 });
  assert.equal((await server.ask("/read", { headers: own })).status, 200);
});

async function sessionId(server: AccessServer, headers: Readonly<Record<string, string>>) {
  return (await server.ask("/read", { headers })).json.text("id");
}

test("a token does what its scope includes and nothing else", async () => {
  await using server = await AccessServer.open();
  await setPassword(server.tools, password);
  const allowed: Readonly<Record<Scope, readonly number[]>> = {
    read: [200, 403, 403, 403],
    backup: [200, 200, 403, 403],
    restore: [200, 200, 200, 403],
    admin: [200, 200, 200, 200],
    inbox: [403, 403, 403, 403],
  };
  for (const scope of ["read", "backup", "restore", "admin", "inbox"] as const) {
    const { headers } = await bearer(server, scope);
    const statuses = [
      await server.ask("/read", { headers }),
      await server.ask("/backup", { method: "POST", headers }),
      await server.ask("/restore", { method: "POST", headers }),
      await server.ask("/admin", { method: "POST", headers }),
    ].map(({ status }) => status);
    assert.deepEqual(statuses, allowed[scope], scope);
    const tokens = await server.ask(`${api}/tokens`, { headers });
    assert.equal(tokens.status, scope === "admin" ? 200 : 403);
  }
});

test("a token is shown once, and no longer counts when it has expired or was revoked", async () => {
  await using server = await AccessServer.open();
  await setPassword(server.tools, password);
  const owner = await signedIn(server);
  const request = { name: "Backup script", scope: "backup", expiresInDays: 30 };
  const made = await server.ask(`${api}/tokens`, { headers: owner, json: request });
  assert.equal(made.status, 201);
  assert.match(made.headers["cache-control"] ?? "", /no-store/u);
  const headers = { "X-Supervisor-Token": made.json.text("token") };
  assert.equal((await server.ask("/read", { headers })).status, 200);
  const listed = await server.ask(`${api}/tokens`, { headers: owner });
  assert.doesNotMatch(listed.text, /sh_|hash/u);
  assert.equal(
    listed.json.at("tokens", 0, "lastUsedAt"),
    new Date(server.time.clock.now()).toISOString(),
  );
  const again = await server.ask(`${api}/tokens`, { headers: owner, json: request });
  assert.deepEqual(problemOf(again), [409, "already-exists"]);
  await server.time.pass(30 * day);
  assert.deepEqual(problemOf(await server.ask("/read", { headers })), [401, "denied"]);
  const other = await bearer(server, "admin");
  assert.equal((await server.ask("/read", other)).status, 200);
  await revokeToken(server.tools, other.id);
  assert.deepEqual(problemOf(await server.ask("/read", other)), [401, "denied"]);
});

test("every way in which the Supervisor takes a token, and no password of a proxy", async () => {
  await using server = await AccessServer.open();
  await setPassword(server.tools, password);
  const { token } = await bearer(server, "read");
  const good = [
    { Authorization: `bearer ${token}` },
    { Authorization: token },
    { "X-Hassio-Key": token },
    { "X-Supervisor-Token": token, Authorization: "Bearer nonsense" },
  ];
  for (const headers of good) assert.equal((await server.ask("/read", { headers })).status, 200);
  const owner = await signedIn(server);
  const proxy = { ...owner, Authorization: "Basic dXNlcjpwYXNz" };
  assert.equal((await server.ask("/read", { headers: proxy })).status, 200);
  // A wrong token is not made up for by a right cookie.
  const both = { ...owner, Authorization: "Bearer sh_nonsense" };
  assert.equal((await server.ask("/read", { headers: both })).status, 401);
  assert.match((await server.ask("/read")).headers["www-authenticate"] ?? "", /^Bearer/u);
});

test("what a page of another site asks for is refused, whatever it says that it sends", async () => {
  await using server = await AccessServer.open();
  await setPassword(server.tools, password);
  const { Cookie = "" } = await signedIn(server);
  const foreign: readonly Readonly<Record<string, string>>[] = [
    { "Sec-Fetch-Site": "cross-site" },
    { "Sec-Fetch-Site": "same-site", ...server.ownPage },
    { Origin: "https://evil.example" },
    { Origin: "null" },
    { Origin: `http://127.0.0.1:1` },
    {},
  ];
  for (const type of ["text/plain", "application/json", "application/x-www-form-urlencoded"]) {
    for (const page of foreign) {
      const headers = { Cookie, "Content-Type": type, ...page };
      const asked = { method: "POST", headers, body: "{}" };
      assert.deepEqual(problemOf(await server.ask("/backup", asked)), [403, "denied"]);
      assert.deepEqual(
        problemOf(await server.ask(`${api}/session`, { method: "DELETE", headers })),
        [403, "denied"],
      );
    }
  }
  const own = [server.ownPage, { "Sec-Fetch-Site": "same-origin" }];
  for (const page of own) {
    const headers = { Cookie, ...page };
    assert.equal((await server.ask("/backup", { method: "POST", headers })).status, 200);
  }
});

test("a page of another site cannot sign a browser in", async () => {
  await using server = await AccessServer.open();
  await setPassword(server.tools, password);
  const headers = { Origin: "https://evil.example" };
  const answer = await server.ask(`${api}/session`, { headers, json: { password } });
  assert.deepEqual(problemOf(answer), [403, "denied"]);
  assert.equal(answer.cookie, "");
  const form = { "Content-Type": "application/x-www-form-urlencoded" };
  const sent = await server.ask(`${api}/session`, { headers: form, body: `password=${password}` });
  assert.deepEqual(problemOf(sent), [400, "usage"]);
});

test("guesses are slowed down, and the right password gets in after a minute at most", async () => {
  await using server = await AccessServer.open();
  await setPassword(server.tools, password);
  const statuses: number[] = [];
  for (let guess = 0; guess < 7; guess += 1)
    statuses.push((await signIn(server, `guess ${guess}`)).status);
  assert.deepEqual(statuses, [422, 422, 422, 422, 422, 429, 429]);
  // Not even the right one: else the answer would tell a guesser.
  const early = await signIn(server);
  assert.deepEqual(problemOf(early), [429, "busy"]);
  assert.equal(early.headers["retry-after"], "1");
  // Somebody else is not kept waiting by that.
  assert.equal((await signIn(server, password, "127.0.0.3")).status, 200);
  for (let guess = 0; guess < 12; guess += 1) {
    await server.time.pass(minute);
    assert.equal((await signIn(server, "wrong again")).status, 422);
  }
  await server.time.pass(minute);
  assert.equal((await signIn(server)).status, 200);
  assert.equal((await signIn(server, "one free guess")).status, 422);
});

test("only a proxy that was named is believed about whom it serves", async () => {
  await using server = await AccessServer.open({ proxies: ["127.0.0.2", "192.0.2.9"] });
  await setPassword(server.tools, password);
  const guess = async (from: string, forwarded: string, given = "a wrong password") => {
    const headers = { "X-Forwarded-For": forwarded };
    const json = { password: given };
    return (await server.ask(`${api}/session`, { from, headers, json })).status;
  };
  // What stands before the last address is the guesser's own invention.
  for (let count = 0; count < 5; count += 1)
    assert.equal(await guess("127.0.0.2", `10.0.0.${count}, 198.51.100.1, 192.0.2.9`), 422);
  assert.equal(await guess("127.0.0.2", "198.51.100.1"), 429);
  assert.equal(await guess("127.0.0.2", "198.51.100.2", password), 200);
  for (let count = 0; count < 5; count += 1)
    assert.equal(await guess("127.0.0.1", `10.0.0.${count}`), 422);
  assert.equal(await guess("127.0.0.1", "10.0.0.9"), 429);
  const { sessions } = await server.tools.store.read();
  assert.deepEqual(
    sessions.map(({ address }) => address),
    ["198.51.100.2"],
  );
});

test("many guesses at once are counted like those one after another", async () => {
  await using server = await AccessServer.open();
  await setPassword(server.tools, password);
  const guesses = Array.from({ length: 30 }, (_, guess) => signIn(server, `guess ${guess}`));
  const statuses = (await Promise.all(guesses)).map(({ status }) => status);
  assert.equal(statuses.filter((status) => status === 422).length, 5);
  assert.equal(statuses.filter((status) => status === 429).length, 25);
});

test("guesses at the current password are slowed down as well", async () => {
  await using server = await AccessServer.open();
  await setPassword(server.tools, password);
  const headers = await signedIn(server);
  const guess = async () => {
    const json = { current: "a wrong password", new: "a new password" };
    return (await server.ask(`${api}/password`, { method: "PUT", headers, json })).status;
  };
  const statuses: number[] = [];
  for (let count = 0; count < 6; count += 1) statuses.push(await guess());
  assert.deepEqual(statuses, [422, 422, 422, 422, 422, 429]);
});

test("only the ingress itself is believed about its users", async () => {
  await using server = await AccessServer.open({ ingress: "127.0.0.2" });
  await setPassword(server.tools, password);
  const headers = {
    "X-Ingress-Path": "/api/hassio_ingress/abc-DEF_1",
    "X-Remote-User-Id": "u1",
    "X-Remote-User-Name": "paulus",
    "X-Remote-User-Display-Name": "Paulus",
  };
  const user = await server.ask("/read", { headers, from: "127.0.0.2" });
  assert.deepEqual(user.json.value, {
    kind: "ingress",
    userId: "u1",
    name: "Paulus",
    basePath: "/api/hassio_ingress/abc-DEF_1",
  });
  const forged = { ...headers, "X-Forwarded-For": "127.0.0.2", "X-Real-IP": "127.0.0.2" };
  assert.deepEqual(problemOf(await server.ask("/read", { headers: forged })), [401, "denied"]);
  // The ingress also asks without a user, to see whether we live.
  assert.equal((await server.ask("/read", { from: "127.0.0.2" })).status, 401);
  const strange = { "X-Ingress-Path": `/"><script>` };
  assert.equal((await server.ask("/read", { headers: strange, from: "127.0.0.2" })).status, 401);
});

test("a page of another site cannot ask through ingress", async () => {
  await using server = await AccessServer.open({ ingress: "127.0.0.2" });
  const from = "127.0.0.2";
  const ingress = {
    "X-Ingress-Path": "/api/hassio_ingress/a",
    "X-Forwarded-Host": "ha.local:8123",
  };
  const ask = async (page: Readonly<Record<string, string>>) =>
    (await server.ask("/admin", { method: "POST", from, headers: { ...ingress, ...page } })).status;
  assert.equal(await ask({ Origin: "http://ha.local:8123" }), 200);
  assert.equal(await ask({ "Sec-Fetch-Site": "same-origin" }), 200);
  assert.equal(await ask({ Origin: "http://evil.example" }), 403);
  assert.equal(await ask({}), 403);
});

test("where no ingress was named, none is believed", async () => {
  await using server = await AccessServer.open();
  const headers = { "X-Ingress-Path": "/api/hassio_ingress/a", "X-Remote-User-Id": "u1" };
  for (const from of ["127.0.0.1", "127.0.0.2"])
    assert.equal((await server.ask("/read", { headers, from })).status, 401);
});

test("over loopback only names of this machine are answered, and those that were named", async () => {
  await using server = await AccessServer.open({ hostNames: ["Backup.Example"] });
  const ask = async (Host: string) =>
    (await server.ask(`${api}/session`, { headers: { Host } })).status;
  for (const host of ["localhost", "LOCALHOST:8125", "127.0.0.1:1", "127.1.2.3", "[::1]:8125"])
    assert.equal(await ask(host), 200, host);
  for (const host of ["a.localhost", "backup.example:443", "BACKUP.example"])
    assert.equal(await ask(host), 200, host);
  for (const host of [
    "evil.example",
    "127.0.0.1.evil.example",
    "localhost.evil.example:8125",
    "10.0.0.1",
  ])
    assert.equal(await ask(host), 421, host);
});

test("a hash that has become too cheap is made anew when the password is given", async () => {
  await using server = await AccessServer.open();
  const { store } = server.tools;
  const hash = await hashPassword(password, { memory: 64, passes: 1, parallelism: 1 });
  const setAt = new Date(0).toISOString();
  await store.change((record) => ({ ...record, password: { hash, setAt } }));
  assert.equal((await signIn(server, "a wrong password")).status, 422);
  assert.equal((await store.read()).password?.hash, hash);
  assert.equal((await signIn(server)).status, 200);
  assert.match((await store.read()).password?.hash ?? "", /m=19456,t=2/u);
  assert.equal((await signIn(server)).status, 200);
});

test("a disk that is full keeps nobody out", async () => {
  await using server = await AccessServer.open();
  await setPassword(server.tools, password);
  const { headers } = await bearer(server, "read");
  const path = join(server.dataDirectory, "access.json");
  // A folder where the next version is written: the file cannot be replaced.
  mkdirSync(join(`${path}.${process.pid}.tmp`, "full"), { recursive: true });
  for (let asked = 0; asked < 3; asked += 1)
    assert.equal((await server.ask("/read", { headers })).status, 200);
  assert.equal(server.faults.length, 1, "it is told once, and not tried at every request");
});

test("a damaged file lets nobody in", async () => {
  await using server = await AccessServer.open();
  await setPassword(server.tools, password);
  const headers = await signedIn(server);
  writeFileSync(join(server.dataDirectory, "access.json"), "{");
  assert.equal((await server.ask("/read", { headers })).status, 422);
  assert.equal((await signIn(server)).status, 422);
  assert.equal(await openSetUp(server.tools).catch(() => undefined), undefined);
});

test("the token of the set-up link stands where browsers send it to nobody", () => {
  const { hash, pathname, search } = new URL(setUpLink("http://localhost:8125", "abc"));
  assert.deepEqual([pathname, search, hash], ["/", "", "#set-up=abc"]);
});

test("every answer has strict headers, refusals too, and none that binds other ports to HTTPS", async () => {
  await using server = await AccessServer.open();
  for (const path of ["/read", `${api}/session`, "/nowhere"]) {
    const { headers } = await server.ask(path);
    assert.match(String(headers["content-security-policy"]), /default-src 'self'/u, path);
    assert.match(String(headers["content-security-policy"]), /frame-ancestors 'self'/u);
    assert.equal(headers["x-content-type-options"], "nosniff");
    assert.equal(headers["referrer-policy"], "no-referrer");
    assert.equal(headers["strict-transport-security"], undefined);
  }
});

test("behind a proxy that speaks HTTPS the cookie is Secure and bound to its host", async () => {
  await using server = await AccessServer.open();
  await setPassword(server.tools, password);
  const https = { "X-Forwarded-Proto": "https" };
  const secure = await server.ask(`${api}/session`, { headers: https, json: { password } });
  assert.match(
    String(secure.headers["set-cookie"]),
    /^__Host-safehouse=[\w-]{43}; Max-Age=7776000; Path=\/; HttpOnly; Secure; SameSite=Strict$/u,
  );
  const page = { ...https, Cookie: secure.cookie, Origin: `https://127.0.0.1:${server.port}` };
  assert.equal((await server.ask("/admin", { method: "POST", headers: page })).status, 200);
  const out = await server.ask(`${api}/session`, { method: "DELETE", headers: page });
  assert.match(
    String(out.headers["set-cookie"]),
    /^__Host-safehouse=; Max-Age=0; Path=\/; Secure/u,
  );
  assert.equal((await server.ask("/read", { headers: page })).status, 401);
  const plain = await signIn(server);
  assert.match(
    String(plain.headers["set-cookie"]),
    /^safehouse=[\w-]{43}; Max-Age=7776000; Path=\/; HttpOnly; SameSite=Strict$/u,
  );
  const headers = { ...https, Cookie: plain.cookie };
  assert.equal((await server.ask("/read", { headers })).status, 401);
});

test("a password from the environment counts instead of the one that was set", async () => {
  await using server = await AccessServer.open();
  const { tools } = server;
  await setPassword(tools, password);
  await adoptEnvironmentPassword(tools, "from the environment");
  assert.equal((await signIn(server)).status, 422);
  const { cookie } = await signIn(server, "from the environment");
  const headers = { Cookie: cookie, ...server.ownPage };
  const json = { current: "from the environment", new: "another password" };
  const change = await server.ask(`${api}/password`, { method: "PUT", headers, json });
  assert.deepEqual(problemOf(change), [422, "unsupported"]);
  const status = async () => (await server.ask("/read", { headers })).status;
  // The same at the next start: nobody has to sign in again.
  await adoptEnvironmentPassword(tools, "from the environment");
  assert.equal(await status(), 200);
  await adoptEnvironmentPassword(tools, "another from there");
  assert.equal(await status(), 401);
  await adoptEnvironmentPassword(tools, undefined);
  assert.equal((await signIn(server)).status, 200);
});

test("bodies that do not fit are refused without repeating what stood in them", async () => {
  await using server = await AccessServer.open();
  await setPassword(server.tools, password);
  const secret = "hunter2-hunter2";
  const bodies = [
    "",
    "{",
    `"${secret}"`,
    `{"password":{"${secret}":1}}`,
    `{"password":["${secret}"]}`,
    `{"passwort":"${secret}"}`,
    `{"password":"${secret}","${secret}":1}`,
  ];
  for (const body of bodies) {
    const headers = { "Content-Type": "application/json" };
    const answer = await server.ask(`${api}/session`, { method: "POST", headers, body });
    assert.deepEqual(problemOf(answer), [400, "usage"], body);
    assert.equal(answer.headers["content-type"], "application/problem+json");
    if (!body.includes(`"${secret}":1`)) assert.doesNotMatch(answer.text, /hunter2/u);
  }
  const large = { password: "x".repeat(20_000) };
  assert.deepEqual(problemOf(await server.ask(`${api}/session`, { json: large })), [413, "usage"]);
});

test("no file of the data directory holds anything that lets somebody in", async () => {
  await using server = await AccessServer.open();
  const link = (await openSetUp(server.tools)) ?? "";
  const { cookie: first } = await server.ask(`${api}/set-up/session`, { json: { token: link } });
  await setPassword(server.tools, password);
  const { cookie } = await signIn(server);
  const { token } = await bearer(server, "admin");
  const secrets = [link, first.split("=")[1] ?? "", password, cookie.split("=")[1] ?? "", token];
  for (const name of readdirSync(server.dataDirectory)) {
    const path = join(server.dataDirectory, name);
    const content = readFileSync(path, "latin1");
    for (const secret of secrets) {
      assert.ok(secret.length > 10);
      assert.equal(content.includes(secret), false, name);
    }
  }
  const mode = statSync(join(server.dataDirectory, "access.json")).mode & 0o777;
  assert.equal(mode, 0o600);
  assert.deepEqual(server.faults, []);
});
