import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { commandLine } from "#test/command-line.ts";
import { Bench, describe, JsonValue, type Outcome } from "#test/safehouse.ts";

const serveHome = fileURLToPath(new URL("../support/serve-home.ts", import.meta.url));

class Server {
  readonly url: string;
  readonly token: string;
  readonly child;
  constructor(child: ReturnType<typeof spawn>, record: JsonValue) {
    this.child = child;
    this.url = record.text("url");
    this.token = record.text("token");
  }
  async stop(signal: NodeJS.Signals): Promise<void> {
    this.child.kill(signal);
    await once(this.child, "exit");
  }
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.child.exitCode === null && this.child.signalCode === null) await this.stop("SIGTERM");
  }
}

async function startServer(bench: Bench): Promise<Server> {
  mkdirSync(bench.dataDir, { recursive: true });
  const env = {
    PATH: process.env["PATH"],
    SAFEHOUSE_DATA: bench.dataDir,
    SAFEHOUSE_HOME: bench.home,
    SAFEHOUSE_LOCATION: bench.location,
  };
  const child = spawn(process.execPath, [serveHome], { env, stdio: ["ignore", "inherit", "pipe"] });
  await once(child.stderr, "data");
  child.stderr.pipe(process.stderr);
  return new Server(
    child,
    new JsonValue(JSON.parse(readFileSync(`${bench.dataDir}/server.json`, "utf8"))),
  );
}

test("the same commands say the same by themselves and through a server", async () => {
  using alone = new Bench();
  using served = new Bench();
  const expected = await script(alone);
  await using server = await startServer(served);
  const through = await script(served);
  assert.ok(server.url);
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

/** What a document says, without what is by chance: times, ids, folders. */
function picture({ out }: Outcome, bench: Bench, said: Script): unknown {
  const text = out
    .replaceAll(bench.folder, "FOLDER")
    .replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+(Z|\+00:00)/g, "TIME")
    .replaceAll(/\d{4}-\d\d-\d\d_\d\d\.\d\d_\d+/g, "TIME")
    .replaceAll(/\b[0-9a-f]{32}\b/g, "RUN")
    .replaceAll(/econds": [\d.]+/g, 'econds": 1')
    .replaceAll(/"pid": \d+/g, '"pid": 1')
    .replaceAll(/"[0-9a-f]{8}"/g, '"SLUG"')
    .replaceAll(keyIds(said), "KEY")
    .replaceAll(/[A-Z0-9]{4}(-[A-Z0-9]{4}){6}/g, "SECRET");
  return JSON.parse(text);
}

function keyIds(said: Script): RegExp {
  const ids = said.flatMap(([, { out }]) =>
    Array.from(out.matchAll(/"id": "([0-9a-f]{6})"/g), (match) => match[1] ?? ""),
  );
  return new RegExp(ids.join("|"), "g");
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
  await run("backups", "verify", slug, "--password-file", passwordFile);
  await run("backups", "verify");
  await run("backups", "reload");
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
  const runs = (await run("runs", "list")).list("runs");
  const id = runs.at(-1)?.text("id") ?? "";
  await run("runs", "info", id);
  await run("runs", "info", "nope");
  await run("runs", "cancel", id);
  return said;
}
