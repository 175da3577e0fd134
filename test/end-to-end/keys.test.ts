import assert from "node:assert/strict";
import {
  copyFileSync,
  existsSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { filesWith } from "#test/files-with.ts";
import { Bench, describe, documentOf } from "#test/safehouse.ts";
import type { Outcome } from "#test/safehouse.ts";
import { samePicture } from "#test/same-picture.ts";
import { pictureOf } from "#test/tree-picture.ts";

const official = fileURLToPath(new URL("../fixtures/official/", import.meta.url));

async function newKey(bench: Bench, ...args: readonly string[]): Promise<string> {
  return (await bench.json("keys", "new", ...args)).text("id");
}

async function newBackup(bench: Bench, ...args: readonly string[]): Promise<string> {
  return (await bench.json("backups", "new", "--folders", "ssl", ...args)).text("slug");
}

function fileOf(bench: Bench, at = 0): string {
  return `${bench.location}/${bench.archives()[at]}`;
}

async function succeeds(bench: Bench, ...args: readonly string[]): Promise<Outcome> {
  const outcome = await bench.run(...args);
  assert.equal(outcome.code, 0, `${args.join(" ")} ended with ${describe(outcome)}`);
  return outcome;
}

async function failsWith(
  bench: Bench,
  problem: string,
  ...args: readonly string[]
): Promise<string> {
  const outcome = await bench.run(...args, "--json");
  const error = documentOf(outcome);
  assert.equal(error.at("error", "problem"), problem, describe(outcome));
  return error.text("error", "message");
}

test("a backup from before a rotation is restored without typing anything", async () => {
  using bench = new Bench();
  const old = await newKey(bench, "--name", "First");
  const slug = (await bench.json("backups", "new")).text("slug");
  const before = pictureOf(`${bench.home}/ssl`, isStage);
  const rotated = await bench.json("keys", "rotate", "--name", "Second");
  assert.equal(rotated.at("current"), true);
  const made = await bench.json("backups", "new");
  assert.deepEqual([made.at("protected"), made.at("key")], [true, rotated.text("id")]);
  writeFileSync(`${bench.home}/ssl/privkey.pem`, "changed");
  rmSync(`${bench.home}/ssl/fullchain.pem`);
  const { err } = await succeeds(bench, "backups", "restore", slug);
  assert.match(err, new RegExp(`Opened with key ${old} "First"`));
  samePicture(pictureOf(`${bench.home}/ssl`, isStage), before);
  const { out } = await succeeds(bench, "backups", "verify", "--all");
  assert.equal(out.match(/is proven/g)?.length, 2);
});

test("no output, no error and no file shows a key, but for what is there to show it", async () => {
  using bench = new Bench();
  const said: Outcome[] = [];
  const run = async (...args: readonly string[]): Promise<void> => {
    said.push(await bench.run(...args));
    if (args[0] === "keys") said.push(await bench.run(...args, "--json"));
  };
  const imported = "Zaunkönig-7-Pass";
  const passwordFile = `${bench.folder}/old`;
  writeFileSync(passwordFile, `${imported}\n`);
  await run("keys", "new", "--name", "One");
  await run("keys", "import", "--password-file", passwordFile);
  await run("keys", "rotate");
  const listing = await bench.json("keys", "list");
  const ids = listing.list("keys").map((key) => key.text("id"));
  const slug = await newBackup(bench);
  const [id = ""] = ids;
  const kit = `${bench.folder}/kit.html`;
  writeFileSync(`${bench.folder}/wrong`, "AAAA-BBBB\n");
  for (const args of [
    ["keys", "list"],
    ["keys", "use", id],
    ["keys", "kit", id, "--to", `${bench.folder}/kit.txt`],
    ["keys", "kit", id, "--html", "--to", kit],
    ["keys", "prove", id],
    ["keys", "prove", id, "--kit-file", passwordFile],
    ["keys", "prove", id, "--kit-file", kit],
    ["keys", "match", fileOf(bench)],
    ["keys", "remove", ids.at(-1) ?? ""],
    ["keys", "remove", "nope"],
    ["backups", "new"],
    ["backups", "list"],
    ["backups", "info", slug],
    ["backups", "verify", slug, "--password-file", `${bench.folder}/wrong`],
    ["backups", "verify", "--all"],
    ["backups", "restore", slug, "--dry-run"],
    ["backups", "download", slug, "--decrypt", "--to", `${bench.folder}/plain.tar`],
    ["archive", "list", fileOf(bench), "--files"],
  ])
    await run(...args);
  const secrets: string[] = [];
  for (const key of (await bench.json("keys", "list")).list("keys"))
    secrets.push((await bench.json("keys", "show", key.text("id"))).text("key"));
  assert.ok(secrets.includes(imported) && secrets.length > 2);
  rmSync(`${bench.dataDir}/secret.key`);
  await run("backups", "new");
  await run("keys", "show", id);
  const shape = /[A-Z0-9]{4}(-[A-Z0-9]{4}){6}/;
  for (const { out, err } of said) {
    for (const secret of secrets) assert.ok(!(out + err).includes(secret), out + err);
    assert.doesNotMatch(out + err, shape);
  }
  for (const folder of [bench.dataDir, bench.location])
    assert.deepEqual(filesWith(folder, secrets), []);
  for (const file of [kit, `${bench.folder}/kit.txt`])
    assert.equal(statSync(file).mode & 0o777, 0o600);
});

test("new backups take the current key; a password that is given wins, and encryption can be declined", async () => {
  using bench = new Bench();
  const plain = await bench.json("backups", "new", "--folders", "ssl");
  assert.deepEqual([plain.at("protected"), plain.at("key")], [false, null]);
  const id = await newKey(bench);
  const keyed = await bench.json("backups", "new", "--folders", "ssl");
  assert.deepEqual([keyed.at("protected"), keyed.at("key")], [true, id]);
  const declined = await bench.json("backups", "new", "--folders", "ssl", "--no-encryption");
  assert.deepEqual([declined.at("protected"), declined.at("key")], [false, null]);
  const given = `${bench.folder}/given`;
  writeFileSync(given, "given\n");
  const own = await bench.json("backups", "new", "--folders", "ssl", "--password-file", given);
  assert.deepEqual([own.at("protected"), own.at("key")], [true, null]);
  const slug = own.text("slug");
  await failsWith(bench, "password-needed", "backups", "verify", slug);
  await succeeds(bench, "backups", "verify", slug, "--password-file", given);
  await failsWith(bench, "usage", "backups", "new", "--no-encryption", "--password-file", given);
  bench.env["SAFEHOUSE_PASSWORD"] = "given";
  const ambient = await bench.json("backups", "new", "--folders", "ssl");
  assert.equal(ambient.at("key"), null);
});

test("a key ring that cannot be opened stops a backup instead of making it plain", async () => {
  using bench = new Bench();
  await newKey(bench);
  const ring = `${bench.dataDir}/keys.json`;
  const key = `${bench.dataDir}/secret.key`;
  renameSync(key, `${key}.away`);
  assert.match(await failsWith(bench, "not-found", "backups", "new"), /secret\.key is missing/);
  renameSync(`${key}.away`, key);
  const text = readFileSync(ring, "utf8");
  writeFileSync(ring, text.replace("sealed-1:", "sealed-1:AAAA"));
  await failsWith(bench, "damaged", "backups", "new");
  writeFileSync(ring, text.slice(0, 100));
  await failsWith(bench, "damaged", "backups", "new");
  assert.deepEqual(bench.archives(), []);
  await newBackup(bench, "--no-encryption");
});

test("a wrong password names the key of the ring that would have opened the backup", async () => {
  using bench = new Bench();
  const id = await newKey(bench, "--name", "Mine");
  const slug = await newBackup(bench);
  const wrong = `${bench.folder}/wrong`;
  writeFileSync(wrong, "AAAA-BBBB\n");
  for (const args of [
    ["backups", "verify", slug, "--password-file", wrong],
    ["backups", "restore", slug, "--password-file", wrong],
    ["archive", "cat", fileOf(bench), "ssl", "privkey.pem", "--password-file", wrong],
  ]) {
    const message = await failsWith(bench, "wrong-password", ...args);
    assert.match(message, new RegExp(`key ${id} "Mine" of the key ring opens it`));
  }
});

test("every command that reads an archive takes the key from the ring", async () => {
  using bench = new Bench();
  await newKey(bench);
  const slug = await newBackup(bench);
  await bench.json("keys", "rotate");
  const file = fileOf(bench);
  const content = readFileSync(`${bench.home}/ssl/privkey.pem`, "utf8");
  assert.equal((await succeeds(bench, "archive", "cat", file, "ssl", "privkey.pem")).out, content);
  assert.match((await succeeds(bench, "archive", "list", file, "ssl")).out, /privkey\.pem/);
  await succeeds(bench, "archive", "verify", file);
  await succeeds(bench, "archive", "extract", file, "--to", `${bench.folder}/out`);
  assert.equal(readFileSync(`${bench.folder}/out/ssl/privkey.pem`, "utf8"), content);
  await succeeds(bench, "archive", "decrypt", file, `${bench.folder}/plain.tar`);
  await succeeds(bench, "backups", "download", slug, "--decrypt", "--to", `${bench.folder}/p.tar`);
  const shown = await bench.run("archive", "cat", file, "ssl", "privkey.pem", "--json");
  assert.equal(shown.err, "", "with --json nothing but errors is said");
});

test("archive commands open nothing and make no data directory where there is no ring", async () => {
  using bench = new Bench("no home");
  const file = `${bench.folder}/backup.tar`;
  copyFileSync(`${official}backup_example_sec_v3.tar`, file);
  const { code } = await bench.startPlain("archive", "verify", file).ended;
  assert.equal(code, 21);
  assert.equal(existsSync(bench.dataDir), false);
});

test("archives of official software are matched with keys that were imported", async () => {
  using bench = new Bench();
  const ids: string[] = [];
  for (const password of ["test", "supervisor"]) {
    bench.env["SAFEHOUSE_PASSWORD"] = password;
    ids.push((await bench.json("keys", "import", "--name", password)).text("id"));
  }
  delete bench.env["SAFEHOUSE_PASSWORD"];
  const [v2, v3] = ids;
  for (const [file, id] of [
    ["backup_example_enc.tar", v2],
    ["backup_example_sec_v3.tar", v3],
  ] as const) {
    const matched = await bench.json("keys", "match", `${official}${file}`);
    assert.deepEqual([matched.at("encrypted"), matched.at("key", "id")], [true, id]);
  }
  const plain = await bench.json("keys", "match", `${official}backup_example.tar`);
  assert.deepEqual([plain.at("encrypted"), plain.at("key")], [false, null]);
  await succeeds(bench, "keys", "remove", v3 ?? "");
  const message = await failsWith(
    bench,
    "wrong-password",
    "keys",
    "match",
    `${official}backup_example_sec_v3.tar`,
  );
  assert.match(message, /its only key does not fit/);
});

test("a key that backups need is removed only by agreement; its kit brings it back", async () => {
  using bench = new Bench();
  const id = await newKey(bench);
  const kit = `${bench.folder}/kit.txt`;
  await succeeds(bench, "keys", "kit", id, "--to", kit);
  await failsWith(bench, "already-exists", "keys", "kit", id, "--to", kit);
  const slug = await newBackup(bench);
  await newBackup(bench, "--no-encryption");
  await failsWith(bench, "confirmation-needed", "keys", "remove", id);
  const next = (await bench.json("keys", "rotate")).text("id");
  await failsWith(bench, "usage", "keys", "remove", next);
  assert.match(
    await failsWith(bench, "confirmation-needed", "keys", "remove", id),
    /^1 backup needs/,
  );
  const refused = await bench.run("keys", "remove", id);
  assert.match(refused.err, /--give-up-backups/);
  await succeeds(bench, "keys", "remove", id, "--give-up-backups");
  await failsWith(bench, "password-needed", "backups", "restore", slug, "--dry-run");
  const key = /[A-Z0-9]{4}(?:-[A-Z0-9]{4}){6}/.exec(readFileSync(kit, "utf8"))?.[0] ?? "";
  writeFileSync(`${bench.folder}/key`, `${key}\n`);
  await succeeds(bench, "keys", "import", "--password-file", `${bench.folder}/key`);
  await failsWith(
    bench,
    "already-exists",
    "keys",
    "import",
    "--password-file",
    `${bench.folder}/key`,
  );
  await succeeds(bench, "backups", "restore", slug, "--dry-run");
  await succeeds(bench, "keys", "use", (await bench.json("keys", "list")).text("keys", 1, "id"));
  await succeeds(bench, "keys", "remove", next);
});

test("a kit that nobody has shown is remembered by one line, until it is shown", async () => {
  using bench = new Bench();
  const id = await newKey(bench);
  const reminder = new RegExp(`^Nobody has shown yet .*keys prove ${id}\n$`);
  assert.match((await succeeds(bench, "keys", "list")).err, reminder);
  assert.match((await succeeds(bench, "backups", "new")).err, reminder);
  for (const args of [
    ["keys", "list", "--json"],
    ["backups", "new", "--json"],
  ])
    assert.equal((await succeeds(bench, ...args)).err, "");
  await succeeds(bench, "keys", "kit", id, "--html", "--to", `${bench.folder}/kit.html`);
  await failsWith(bench, "wrong-password", "keys", "prove", id, "--kit-file", fileOf(bench));
  await failsWith(bench, "usage", "keys", "prove", id);
  assert.match((await succeeds(bench, "keys", "list")).err, reminder);
  const proven = await bench.json("keys", "prove", id, "--kit-file", `${bench.folder}/kit.html`);
  assert.match(proven.text("provenAt"), /^\d{4}-/);
  assert.equal((await succeeds(bench, "keys", "list")).err, "");
  assert.equal((await succeeds(bench, "backups", "new")).err, "");
});

test("a kit brings its key back, and replaces a file only by agreement", async () => {
  using bench = new Bench();
  const id = await newKey(bench);
  const slug = await newBackup(bench);
  const kit = `${bench.folder}/kit.html`;
  writeFileSync(kit, "older", { mode: 0o644 });
  await failsWith(bench, "already-exists", "keys", "kit", id, "--html", "--to", kit);
  assert.equal(readFileSync(kit, "utf8"), "older");
  await succeeds(bench, "keys", "kit", id, "--html", "--to", kit, "--overwrite");
  assert.equal(statSync(kit).mode & 0o777, 0o600);
  await failsWith(bench, "not-found", "keys", "kit", id, "--to", `${bench.folder}/nowhere/kit`);
  bench.env["SAFEHOUSE_DATA"] = `${bench.folder}/new machine`;
  await failsWith(bench, "password-needed", "backups", "restore", slug, "--dry-run");
  await failsWith(bench, "usage", "keys", "import", "--kit-file", fileOf(bench));
  await succeeds(bench, "keys", "import", "--kit-file", kit);
  await succeeds(bench, "backups", "restore", slug);
});

test("a key is shown for a password file of other software", async () => {
  using bench = new Bench();
  const id = await newKey(bench);
  await newBackup(bench);
  const { out } = await succeeds(bench, "keys", "show", id);
  assert.match(out, /^[A-Z0-9]{4}(-[A-Z0-9]{4}){6}\n$/);
  writeFileSync(`${bench.folder}/key`, out);
  bench.env["SAFEHOUSE_DATA"] = `${bench.folder}/another`;
  await succeeds(
    bench,
    "archive",
    "verify",
    fileOf(bench),
    "--password-file",
    `${bench.folder}/key`,
  );
});

function isStage(path: string): boolean {
  return /(^|\/)\.safehouse$/.test(path);
}
