import assert from "node:assert/strict";
import { existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { commandLine } from "#test/command-line.ts";
import { Bench, describe, JsonValue, type Outcome } from "#test/safehouse.ts";

/** A server of the bench, as its data directory names it. */
interface Server extends AsyncDisposable {
  readonly url: string;
  readonly token: string;
  readonly stop: (signal: NodeJS.Signals) => Promise<void>;
}

async function startServer(bench: Bench): Promise<Server> {
  const record = `${bench.dataDir}/server.json`;
  const { child, ended } = bench.start("serve", "--port", "0");
  while (!existsSync(record)) {
    if (child.exitCode !== null) assert.fail(describe(await ended));
    await pause(20);
  }
  const document = new JsonValue(JSON.parse(readFileSync(record, "utf8")));
  const stop = async (signal: NodeJS.Signals): Promise<void> => {
    child.kill(signal);
    await ended;
  };
  return {
    url: document.text("url"),
    token: document.text("token"),
    stop,
    [Symbol.asyncDispose]: () => stop("SIGTERM"),
  };
}

test("the same commands say the same by themselves and through a server", async () => {
  using alone = new Bench();
  using served = new Bench();
  const expected = await script(alone);
  await using server = await startServer(served);
  const through = await script(served);
  for (const [args, { out, err }] of through)
    for (const secret of [server.token, "Zaunkönig-7-Pass"])
      assert.ok(!(out + err).includes(secret), args.join(" "));
  for (const [at, [args, outcome]] of expected.entries()) {
    const other = through[at]?.[1];
    assert.ok(other !== undefined);
    assert.equal(other.code, outcome.code, `${args.join(" ")}: ${describe(other)}`);
    assert.deepEqual(
      picture(other, served, through),
      picture(outcome, alone, expected),
      args.join(" "),
    );
  }
});

test("what a server carries out is carried out there", async () => {
  using bench = new Bench();
  await using _ = await startServer(bench);
  const slug = (await json(bench, "backups", "new", "--folders", "ssl")).text("slug");
  await json(bench, "backups", "verify", slug, "--level", "structure");
  const [verify] = (await json(bench, "runs", "list")).list("runs");
  assert.notEqual(verify?.at("pid"), process.pid);
  await json(bench, "backups", "verify", slug, "--level", "structure", "--embedded");
  const [own] = (await json(bench, "runs", "list")).list("runs");
  assert.equal(own?.at("pid"), process.pid);
  await json(bench, "backups", "verify", slug, "--location", bench.location, "--level", "listing");
  const [placed] = (await json(bench, "runs", "list")).list("runs");
  assert.equal(placed?.at("pid"), process.pid, "whoever names a folder means this machine");
});

test("a server that was killed is no longer there, and nobody has to clean up", async () => {
  using bench = new Bench();
  const server = await startServer(bench);
  await json(bench, "keys", "new");
  await server.stop("SIGKILL");
  const { keys } = { keys: (await json(bench, "keys", "list")).list("keys") };
  assert.equal(keys.length, 1);
  const away = await commandLine(bench, ["keys", "list", "--endpoint", server.url, "--json"]);
  assert.equal(away.code, 32, describe(away));
  assert.doesNotMatch(away.out + away.err, new RegExp(server.token));
});

test("a server elsewhere is entered by a token, from a file, a variable or the command line", async () => {
  using bench = new Bench();
  await using server = await startServer(bench);
  using elsewhere = new Bench("no home");
  const list = (...args: readonly string[]): Promise<Outcome> =>
    commandLine(elsewhere, ["keys", "list", "--json", ...args]);
  await json(bench, "keys", "new");
  const tokenFile = `${elsewhere.folder}/token`;
  writeFileSync(tokenFile, `${server.token}\n`);
  const named = ["--endpoint", server.url];
  assert.match((await list(...named, "--token-file", tokenFile)).out, /"current": "[0-9a-f]{6}"/);
  const typed = await list(...named, "--token", server.token);
  assert.equal(typed.code, 0);
  assert.match(typed.err, /^Warning: a token on the command line/);
  elsewhere.env["SAFEHOUSE_ENDPOINT"] = `${server.url}/`;
  elsewhere.env["SAFEHOUSE_TOKEN"] = server.token;
  assert.match((await list()).out, /"current": "[0-9a-f]{6}"/);
  assert.match((await list("--embedded")).out, /"current": null/);
  assert.match((await list("--data-dir", elsewhere.dataDir)).out, /"current": null/);
  writeFileSync(tokenFile, "not-the-token\n");
  const wrong = await list("--token-file", tokenFile);
  assert.equal(wrong.code, 31, describe(wrong));
  assert.match(wrong.out, /does not take this token/);
  for (const { out, err } of [typed, wrong])
    assert.doesNotMatch(out + err, new RegExp(`not-the-token|${server.token}`));
});

test("flags that contradict each other, and commands for a machine that is elsewhere, are refused", async () => {
  using bench = new Bench();
  const named = ["--endpoint", "http://127.0.0.1:9"];
  for (const [args, reason] of [
    [["keys", "list", ...named, "--embedded"], /^--embedded is for working on this machine/],
    [["restore", "status", ...named, "--home", "/"], /^--home is for working on this machine/],
    [["keys", "list", "--token", "x"], /^There is a token and no server/],
    [["keys", "list", "--endpoint", "nas:8300"], /^nas:8300 is no address of a server/],
    [
      ["restore", "undo", ...named, "--stop-command", "true", "--start-command", "true"],
      /^The server at http:\/\/127\.0\.0\.1:9 runs no commands of others/,
    ],
    [["backups", "restore", "./x.tar", ...named], /^A server restores what lies at one/],
  ] as const) {
    const outcome = await commandLine(bench, [...args, "--json"]);
    assert.equal(outcome.code, 2, describe(outcome));
    assert.match(new JsonValue(JSON.parse(outcome.out)).text("error", "message"), reason);
  }
});

test("a backup whose password only a person knows is asked for on the terminal", async () => {
  using bench = new Bench();
  const file = `${bench.folder}/password`;
  writeFileSync(file, "Zaunkönig\n");
  const made = await json(bench, "backups", "new", "--folders", "ssl", "--password-file", file);
  await using _ = await startServer(bench);
  const verify = ["backups", "verify", made.text("slug")];
  const asked = await commandLine(bench, verify, { answers: ["Zaunkönig"] });
  assert.equal(asked.code, 0, describe(asked));
  assert.match(asked.err, /^Password of the backup: $/);
  assert.equal((await commandLine(bench, verify)).code, 21);
  assert.equal((await commandLine(bench, verify, { answers: ["Meise"] })).code, 20);
});

async function json(bench: Bench, ...args: readonly string[]): Promise<JsonValue> {
  const outcome = await commandLine(bench, [...args, "--json"]);
  assert.equal(outcome.code, 0, describe(outcome));
  return new JsonValue(JSON.parse(outcome.out));
}

/** What a document says, without what is by chance: times, ids, folders. */
function picture({ out }: Outcome, bench: Bench, said: Script): unknown {
  const text = out
    .replaceAll(bench.folder, "FOLDER")
    .replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+(Z|\+00:00)/g, "TIME")
    .replaceAll(/\d{4}-\d\d-\d\d_\d\d\.\d\d_\d+/g, "TIME")
    .replaceAll(/\d{4}-\d\d-\d\d/g, "DATE")
    .replaceAll(/\b[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\b/g, "UUID")
    .replaceAll(/\b[0-9a-f]{32}\b/g, "RUN")
    .replaceAll(/econds": [\d.]+/g, 'econds": 1')
    .replaceAll(/"(data|nonce|salt|marker)": "[^"]*"/g, '"$1": ""')
    .replaceAll(/"(freeBytes|storedBytes|size)": \d+/g, '"$1": 1')
    .replaceAll(/"pid": \d+/g, '"pid": 1')
    .replaceAll(idsIn(said), "ID")
    .replaceAll(/[A-Z0-9]{4}(-[A-Z0-9]{4}){6}|\bsh_\w+/g, "SECRET");
  return JSON.parse(text);
}

/** Ids of keys and of tokens, and slugs. */
function idsIn(said: Script): RegExp {
  const ids = said.flatMap(([, { out }]) =>
    Array.from(
      out.matchAll(/"(?:id|slug)": "([0-9a-f]{6}|[0-9a-f]{8}|[0-9a-f]{16})"/g),
      (match) => match[1] ?? "",
    ),
  );
  return new RegExp(`\\b(${ids.join("|")})\\b`, "g");
}

/** Command lines, and how they ended. */
type Script = readonly (readonly [args: readonly string[], outcome: Outcome])[];

async function script(bench: Bench): Promise<Script> {
  const said: [readonly string[], Outcome][] = [];
  const run = async (...args: readonly string[]): Promise<JsonValue> => {
    const outcome = await commandLine(bench, [...args, "--json"]);
    said.push([args, outcome]);
    return new JsonValue(JSON.parse(outcome.out));
  };
  const passwordFile = `${bench.folder}/old`;
  writeFileSync(passwordFile, "Zaunkönig-7-Pass\n");
  const first = (await run("keys", "new", "--name", "First")).text("id");
  await run("keys", "import", "--password-file", passwordFile, "--name", "Old");
  await run("keys", "rotate", "--name", "Second");
  await run("keys", "show", first);
  await run("keys", "show", "nope");
  await run("keys", "kit", first);
  await run("keys", "kit", first, "--to", `${bench.folder}/kit.txt`);
  await run("keys", "prove", first, "--kit-file", `${bench.folder}/kit.txt`);
  await run("keys", "prove", first, "--kit-file", passwordFile);
  await run("keys", "prove", first);
  await run("keys", "use", first);
  await run("keys", "list");
  await run("rules", "add", "*.mp4", "media/**");
  await run("rules", "add", "[");
  await run("rules", "remove", "media/**");
  await run("rules", "remove", "media/**");
  await run("rules", "list");
  await run("rules", "preview", "--rule", "ssl/*");
  const slug = (await run("backups", "new")).text("slug");
  await run("backups", "verify", slug);
  await run("backups", "verify", "--all", "--level", "structure");
  await run("backups", "verify", "nope");
  await run("backups", "verify", "./nope.tar");
  await run("backups", "verify", slug, "--password-file", passwordFile);
  await run("backups", "verify");
  await run("backups", "reload");
  await run("backups", "list");
  await run("backups", "info", slug);
  await run("backups", "pin", slug);
  await run("backups", "note", slug, "Vor dem Umzug");
  await run("backups", "info", slug);
  await run("backups", "unpin", slug);
  await run("backups", "pin", "nope");
  const copy = `${bench.folder}/copy.tar`;
  await run("backups", "download", slug, "--to", copy);
  await run("backups", "download", slug, "--to", copy);
  await run("backups", "download", slug, "--to", copy, "--overwrite");
  assert.deepEqual(readFileSync(copy), readFileSync(`${bench.location}/${bench.archives()[0]}`));
  await run("backups", "download", slug, "--decrypt", "--to", `${bench.folder}/plain.tar`);
  await run("backups", "download", "nope", "--to", copy);
  await run("archive", "verify", `${bench.folder}/plain.tar`);
  await run("backups", "upload", copy);
  await run("backups", "upload", passwordFile);
  renameSync(`${bench.location}/${bench.archives()[0]}`, `${bench.folder}/away.tar`);
  await run("backups", "upload", copy, "--filename", "Hergebracht.tar");
  writeFileSync(`${bench.home}/ssl/privkey.pem`, "changed");
  await run("backups", "restore", slug, "--dry-run", "--folders", "ssl");
  await run("backups", "restore", slug, "--app", "nope");
  await run("backups", "restore", slug, "--folders", "ssl");
  await run("restore", "status");
  await run("backups", "restore", slug, "--folders", "ssl");
  await run("restore", "undo");
  await run("restore", "undo");
  await run("keys", "remove", first, "--yes");
  await run("keys", "remove", first, "--yes", "--give-up-backups");
  await run("backups", "new", "--folders", "ssl,share", "--no-encryption", "--name", "Plain");
  await run("backups", "new", "--app", "nope");
  await run("plans", "list");
  const rule = ["--keep-copies", "3", "--keep-weekly", "4"];
  await run("plans", "new", "nightly", "--daily", "03:00", "--location", "backup", ...rule);
  await run("plans", "new", "nightly");
  await run("plans", "new", "other", "--daily", "25:00");
  await run("plans", "change", "nightly", "--name", "Every night", "--except", "media");
  await run("plans", "change", "nope", "--name", "Every night");
  await run("plans", "disable", "nightly");
  await run("plans", "enable", "nightly");
  await run("plans", "info", "nightly");
  await run("plans", "preview", "nightly", "--runs", "5");
  await run("plans", "list");
  await run("plans", "remove", "nightly");
  await run("plans", "remove", "nightly");
  // A server has looked by itself before it is asked.
  await commandLine(bench, ["alerts", "check"]);
  await run("alerts", "list");
  await notifications(run, `${bench.folder}/topic`);
  await settings(run, bench.folder);
  await access(run);
  await run("locations", "kinds");
  await run("locations", "kinds", "smb");
  await run("locations", "kinds", "nope");
  await run("locations", "list");
  await run("locations", "add", "nas", "--path", `${bench.folder}/nas`, "--name", "NAS");
  await run("locations", "add", "nas", "--path", `${bench.folder}/other`);
  await run("locations", "add", "N A S", "--path", `${bench.folder}/other`);
  await run("locations", "change", "nas", "--name", "Keller");
  await run("locations", "test", "nas");
  await run("backups", "copy", slug, "--to", "nas");
  await run("backups", "copy", slug, "--to", "nope");
  await run("backups", "new", "--folders", "ssl", "--location", "nas", "--name", "There");
  await run("backups", "list", "--location", "nas");
  await run("locations", "info", "nas");
  await run("locations", "info", "nope");
  await run("locations", "default", "nas");
  await run("locations", "remove", "nas");
  await run("locations", "default", "backup");
  await run("locations", "remove", "nas");
  await run("backups", "prune", "--keep-copies", "1", "--dry-run");
  await run("backups", "prune", "--keep-copies", "1");
  await run("backups", "prune");
  await run("keys", "rotate", "--name", "Third");
  await run("keys", "reencrypt", slug);
  await run("keys", "reencrypt", slug);
  await run("keys", "reencrypt", "--all");
  await run("keys", "reencrypt", "nope");
  await run("backups", "remove", "nope");
  await run("backups", "remove", slug);
  await run("backups", "list");
  const runs = (await run("runs", "list")).list("runs");
  const id = runs.at(-1)?.text("id") ?? "";
  await run("runs", "info", id);
  await run("runs", "info", "nope");
  await run("runs", "cancel", id);
  return said;
}

type Run = (...args: readonly string[]) => Promise<JsonValue>;

async function notifications(run: Run, urlFile: string): Promise<void> {
  writeFileSync(urlFile, "http://127.0.0.1:9/topic\n");
  await run("notifications", "list");
  // Of what a server finds wrong meanwhile it is told nothing.
  const ntfy = ["ntfy", "--from-file", `url=${urlFile}`, "--event", "run-failed"];
  await run("notifications", "add", ...ntfy, "--set", "priority=4");
  await run("notifications", "add", ...ntfy);
  await run("notifications", "add", "pigeon");
  await run("notifications", "change", "ntfy", "--set", "priority=", "--event", "run-started");
  await run("notifications", "change", "nope", "--name", "Nobody");
  await run("notifications", "list");
  await run("notifications", "test", "ntfy");
  await run("notifications", "test", "nope");
  await run("notifications", "log");
  await run("notifications", "remove", "ntfy");
  await run("notifications", "remove", "ntfy");
}

async function settings(run: Run, folder: string): Promise<void> {
  const exported = (await run("settings", "export")).value;
  await run("settings", "export", "--to", `${folder}/settings.yaml`);
  await run("settings", "export", "--to", `${folder}/settings.yaml`);
  await run("settings", "import", `${folder}/settings.yaml`);
  const { settings: all } = exported as { settings: object };
  const changed = { version: 1, settings: { ...all, rules: ["*.log"] } };
  writeFileSync(`${folder}/changed.yaml`, JSON.stringify(changed));
  await run("settings", "import", `${folder}/changed.yaml`, "--dry-run");
  await run("settings", "import", `${folder}/changed.yaml`, "--yes");
  await run("settings", "import", `${folder}/topic`);
}

async function access(run: Run): Promise<void> {
  const id = (await run("access", "tokens", "new", "Backup script", "--scope", "backup")).text(
    "id",
  );
  await run("access", "tokens", "new", "Backup script");
  await run("access", "tokens", "list");
  await run("access", "tokens", "revoke", id);
  await run("access", "tokens", "revoke", id);
  await run("access", "sessions", "list");
  await run("access", "sessions", "revoke", "nope");
  await run("access", "sessions", "revoke", "--all");
}
