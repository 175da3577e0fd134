import assert from "node:assert/strict";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { Bench } from "#test/safehouse.ts";
import { TestServer } from "#test/server.ts";

const home = "/api/v1/homes/home";
const secret = "the password of the old home";

/** An archive of a home that is lost, encrypted, and a file of that home. */
async function lostHome(old: Bench): Promise<{ readonly archive: Buffer; readonly yaml: string }> {
  const passwordFile = join(old.folder, "password");
  writeFileSync(passwordFile, `${secret}\n`);
  const made = await old.json("backups", "new", "--password-file", passwordFile);
  return {
    archive: readFileSync(join(old.location, made.text("fileName"))),
    yaml: readFileSync(join(old.home, "config/configuration.yaml"), "utf8"),
  };
}

test("a home is restored from an uploaded archive before anything else is set up", async () => {
  using old = new Bench();
  const { archive, yaml } = await lostHome(old);
  using bench = new Bench("no home");
  for (const name of ["config", "share", "ssl", "media"])
    mkdirSync(join(bench.home, name), { recursive: true });
  await using server = await TestServer.start(bench, { env: { SAFEHOUSE_HOME: "" } });
  const page = { Origin: server.url };
  const begun = await server.ask("/api/v1/access/set-up/session", {
    token: null,
    headers: page,
    json: { token: server.setUpToken },
  });
  const Cookie = begun.headers.getSetCookie()[0]?.split(";")[0] ?? "";
  const inSetUp = { token: null, headers: { ...page, Cookie } };
  const saved = await server.ask(`${home}/paths`, {
    ...inSetUp,
    method: "PUT",
    json: { home: bench.home },
  });
  assert.equal(saved.status, 200, saved.text);
  const sent = await fetch(`${server.url}${home}/backups/upload?filename=old.tar`, {
    method: "POST",
    headers: { ...inSetUp.headers, "Content-Type": "application/x-tar" },
    body: archive,
  });
  const { slug } = (await sent.json()) as { readonly slug: string };
  const restore = `${home}/backups/${slug}/restore`;
  const wrong = await server.ask(restore, { ...inSetUp, json: { password: "guess" } });
  assert.equal(wrong.status, 422, wrong.text);
  const right = await server.ask(restore, {
    ...inSetUp,
    json: { password: secret, stopped: true },
  });
  assert.equal(right.status, 202, right.text);
  for (let left = 60_000; left > 0; left -= 100) {
    const run = await server.ask(`${home}/runs/${right.json.text("run")}`, inSetUp);
    if (run.json.at("ended") !== undefined) break;
    await pause(100);
  }
  const result = await server.ask(`${home}/runs/${right.json.text("run")}/result`, inSetUp);
  assert.equal(result.status, 200, result.text);
  assert.equal(readFileSync(join(bench.home, "config/configuration.yaml"), "utf8"), yaml);
});
