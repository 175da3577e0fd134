import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { AccessServer } from "#test/access-server.ts";
import { Bench, describe, documentOf } from "#test/safehouse.ts";

const api = "/api/v1/access";
const password = "correct horse battery staple";

/** A server, and the command line on its data directory. */
async function both() {
  const server = await AccessServer.open();
  // Commands have the time of the machine.
  await server.time.pass(Date.now() - server.time.clock.now());
  const bench = new Bench("no home");
  bench.env["SAFEHOUSE_DATA"] = server.dataDirectory;
  const passwordFile = join(bench.folder, "password");
  writeFileSync(passwordFile, `${password}\n`);
  const close = async (): Promise<void> => {
    bench[Symbol.dispose]();
    await server[Symbol.asyncDispose]();
  };
  return { server, bench, passwordFile, [Symbol.asyncDispose]: close };
}

test("a forgotten password is set anew on the machine, while the server runs", async () => {
  await using here = await both();
  const { server, bench, passwordFile } = here;
  const set = await bench.json("access", "password", "--password-file", passwordFile);
  assert.deepEqual(set.value, { counts: true, sessionsEnded: 0 });
  const { status, cookie } = await server.ask(`${api}/session`, { json: { password } });
  assert.equal(status, 200);
  writeFileSync(passwordFile, "another password\n");
  const again = await bench.json("access", "password", "--password-file", passwordFile);
  assert.equal(again.at("sessionsEnded"), 1);
  assert.equal((await server.ask("/read", { headers: { Cookie: cookie } })).status, 401);
  assert.equal((await server.ask(`${api}/session`, { json: { password } })).status, 422);
});

test("a password is never taken from the variable for backups, nor from nowhere", async () => {
  await using here = await both();
  const { bench, passwordFile, server } = here;
  bench.env["SAFEHOUSE_PASSWORD"] = "a password of backups";
  const outcome = await bench.run("access", "password", "--json");
  assert.equal(documentOf(outcome).at("error", "problem"), "usage", describe(outcome));
  writeFileSync(passwordFile, "short\n");
  const short = await bench.run("access", "password", "--password-file", passwordFile);
  assert.equal(short.code, 2);
  assert.match(short.err, /at least 10 characters/u);
  assert.deepEqual((await server.tools.store.read()).password, undefined);
});

test("a token that is made on the machine counts at once, and is printed alone", async () => {
  await using here = await both();
  const { server, bench } = here;
  const made = await bench.run("access", "tokens", "new", "Backup script", "--scope", "backup");
  assert.match(made.out, /^sh_\w{49}\n$/u, describe(made));
  assert.doesNotMatch(made.err, /sh_/u);
  const headers = { Authorization: `Bearer ${made.out.trim()}` };
  assert.equal((await server.ask("/backup", { method: "POST", headers })).status, 200);
  assert.equal((await server.ask("/admin", { method: "POST", headers })).status, 403);
  const list = await bench.json("access", "tokens", "list");
  assert.equal(list.at("tokens", 0, "name"), "Backup script");
  assert.equal(typeof list.at("tokens", 0, "lastUsedAt"), "string");
  const { out } = await bench.run("access", "tokens", "list");
  assert.match(out, /Backup script +backup/u);
  assert.doesNotMatch(out, /sh_/u);
  const revoked = await bench.json("access", "tokens", "revoke", list.text("tokens", 0, "id"));
  assert.equal(revoked.at("name"), "Backup script");
  assert.equal((await server.ask("/backup", { method: "POST", headers })).status, 401);
  const again = await bench.run("access", "tokens", "revoke", list.text("tokens", 0, "id"));
  assert.equal(again.code, 10);
});

test("a token without a name, of a scope that there is not or of no days is refused", async () => {
  await using here = await both();
  const { bench } = here;
  const make = async (...args: readonly string[]) =>
    (await bench.run("access", "tokens", "new", ...args)).code;
  assert.equal(await make(" "), 2);
  assert.equal(await make("One", "--scope", "root"), 2);
  assert.equal(await make("One", "--expires-in-days", "0"), 2);
  assert.equal(await make("One", "--expires-in-days", "1e3"), 2);
  assert.equal(await make("One", "--expires-in-days", "1"), 0);
  assert.equal(await make("One"), 11);
});

test("browsers are listed and signed out from the machine", async () => {
  await using here = await both();
  const { server, bench, passwordFile } = here;
  await bench.json("access", "password", "--password-file", passwordFile);
  assert.match((await bench.run("access", "sessions", "list")).out, /Nobody is signed in/u);
  const headers = { "User-Agent": "Browser\u009b31m of mine" };
  const first = await server.ask(`${api}/session`, { headers, json: { password } });
  const second = await server.ask(`${api}/session`, { json: { password } });
  const { out } = await bench.run("access", "sessions", "list");
  assert.match(out, /127\.0\.0\.1 +Browser.?\\x9b31m of mine/u);
  const status = async ({ cookie }: { readonly cookie: string }) =>
    (await server.ask("/read", { headers: { Cookie: cookie } })).status;
  const id = (await server.ask("/read", { headers: { Cookie: first.cookie } })).json.text("id");
  assert.equal((await bench.json("access", "sessions", "revoke", id)).at("ended"), 1);
  assert.deepEqual([await status(first), await status(second)], [401, 200]);
  assert.equal((await bench.json("access", "sessions", "revoke", "--all")).at("ended"), 1);
  assert.equal(await status(second), 401);
  assert.equal((await bench.run("access", "sessions", "revoke")).code, 2);
});
