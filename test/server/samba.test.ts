import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, globSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { test } from "node:test";
import { promisify } from "node:util";
import { Bench } from "#test/safehouse.ts";
import { sampleBytes } from "#test/sample-bytes.ts";
import { TestServer } from "#test/server.ts";

const run = promisify(execFile);
const skip = !existsSync("/usr/sbin/smbd")
  ? "absent: smbd"
  : existsSync("/usr/bin/smbclient")
    ? false
    : "absent: smbclient";

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

interface Shared {
  readonly port: number;
  readonly password: string;
}

/** Has smbclient do something with the share; the password goes by its environment. */
function client({ port, password }: Shared, command: string, user = "safehouse") {
  const args = ["-p", String(port), "-U", user, "//127.0.0.1/backups", "-c", command];
  return run("smbclient", args, { env: { ...process.env, PASSWD: password } });
}

async function share(bench: Bench, ...more: readonly string[]): Promise<Shared> {
  const port = await freePort();
  const at = ["--port", String(port), "--address", "127.0.0.1"];
  const begun = await bench.json("sharing", "samba", ...at, ...more);
  assert.equal(begun.at("samba", "running"), true, JSON.stringify(begun.value));
  return { port, password: begun.text("password") };
}

/** Where Samba's own files of a bench are. */
function folderOf({ dataDir }: Bench): string {
  const name = createHash("sha256").update(dataDir).digest("hex").slice(0, 12);
  return join(tmpdir(), `safehouse-samba-${name}`);
}

/** How many processes of Samba work for a bench. */
function programsOf(bench: Bench): number {
  return globSync("/proc/[0-9]*/cmdline").filter((path) => {
    return readIfThere(path).includes(folderOf(bench));
  }).length;
}

async function untilNone(bench: Bench): Promise<void> {
  while (programsOf(bench) > 0) await pause(50);
}

test(
  "the folder of backups is shared on request: to one user, encrypted, and only to be read",
  { skip },
  async () => {
    using bench = new Bench("no home");
    const name = "Ünï 100%S $x 'q' #1.tar";
    const bytes = sampleBytes("shared", 300_000);
    writeFileSync(join(bench.location, name), bytes);
    mkdirSync(join(bench.location, ".safehouse"));
    writeFileSync(join(bench.location, ".safehouse/secret.json"), "{}");
    await using server = await TestServer.start(bench);
    assert.equal((await server.home("/sharing")).at("samba"), undefined);
    assert.equal(programsOf(bench), 0, "off until somebody wants it");
    const shared = await share(bench);
    const listed = await client(shared, "ls");
    assert.match(listed.stdout, /Ünï 100%S \$x 'q' #1\.tar/);
    assert.doesNotMatch(listed.stdout, /safehouse/);
    const fetched = join(bench.folder, "fetched.tar");
    await client(shared, `get "${name}" ${fetched}`);
    assert.deepEqual(readFileSync(fetched), bytes);
    await client(shared, `put ${fetched} new.tar; del "${name}"; mkdir new`).catch(() => undefined);
    assert.deepEqual(bench.archives(), [name]);
    assert.ok(!existsSync(join(bench.location, "new")));
    await assert.rejects(client(shared, "cd .safehouse; get secret.json"), {
      stdout: /OBJECT_NAME_NOT_FOUND/,
    });
    await assert.rejects(client({ ...shared, password: "wrong" }, "ls"), {
      stdout: /LOGON_FAILURE/,
    });
    await assert.rejects(client(shared, "ls", "somebody"), { stdout: /LOGON_FAILURE/ });
    const nobody = ["-p", String(shared.port), "-N", "//127.0.0.1/backups", "-c", "ls"];
    await assert.rejects(run("smbclient", nobody));
    const info = await bench.run("sharing", "info");
    assert.match(info.out, /share backups for user safehouse/);
    const kept = readFileSync(join(bench.dataDir, "settings.json"), "utf8");
    assert.ok(!kept.includes(shared.password), "it is sealed where it is kept");
    const commands = globSync("/proc/[0-9]*/cmdline").map((path) => readIfThere(path));
    assert.ok(!commands.some((line) => line.includes(shared.password)));
  },
);

test("another password and another port count at once, and off is off", { skip }, async () => {
  using bench = new Bench("no home");
  await using server = await TestServer.start(bench);
  const first = await share(bench);
  await client(first, "ls");
  const second = await share(bench, "--new-password");
  await client(second, "ls");
  await assert.rejects(client({ ...second, password: first.password }, "ls"), {
    stdout: /LOGON_FAILURE/,
  });
  await assert.rejects(client(first, "ls"));
  const same = await bench.json("sharing", "samba");
  assert.equal(same.at("password"), undefined, "it is shown once");
  const off = await bench.json("sharing", "samba", "--off");
  assert.equal(off.at("samba"), undefined);
  assert.equal(programsOf(bench), 0);
  assert.ok(!existsSync(folderOf(bench)));
  assert.equal((await server.home("/sharing")).at("samba"), undefined);
});

test(
  "it ends with the server, also with one that is killed, and comes back with the next",
  { skip },
  async () => {
    using bench = new Bench("no home");
    const server = await TestServer.start(bench);
    const shared = await share(bench);
    await client(shared, "ls");
    await server.stop("SIGKILL");
    await untilNone(bench);
    await assert.rejects(client(shared, "ls"));
    {
      await using next = await TestServer.start(bench);
      while ((await next.home("/sharing")).at("samba", "running") !== true) await pause(50);
      await client(shared, "ls");
    }
    await untilNone(bench);
    assert.ok(!existsSync(folderOf(bench)));
  },
);

test("smbd that ends by itself is begun anew", { skip }, async () => {
  using bench = new Bench("no home");
  await using server = await TestServer.start(bench);
  const shared = await share(bench);
  for (const path of globSync("/proc/[0-9]*/cmdline"))
    if (readIfThere(path).includes(folderOf(bench))) killIfThere(Number(path.split("/")[2]));
  while ((await server.home("/sharing")).at("samba", "running") === true) await pause(50);
  const told = (await server.home("/sharing")).at("samba", "message");
  assert.match(String(told), /smbd has ended/);
  const again = await bench.json("sharing", "samba");
  assert.equal(again.at("samba", "running"), true);
  await client(shared, "ls");
});

test("what keeps it from being shared is said in words", { skip }, async () => {
  using bench = new Bench("no home");
  await using server = await TestServer.start(bench);
  const taken = new URL(server.url).port;
  const busy = await bench.run("sharing", "samba", "--port", taken, "--address", "127.0.0.1");
  assert.equal(busy.code, 3, busy.err);
  assert.match(busy.out, /cannot be opened: Another program listens on port/);
  const nowhere = await bench.run("sharing", "samba", "--address", "192.0.2.1");
  assert.match(nowhere.out, /no address 192\.0\.2\.1/);
  const odd = await bench.run("sharing", "samba", "--address", "x\ninclude = /etc/passwd");
  assert.equal(odd.code, 2);
});

test("without smbd people hear what to install", async () => {
  using bench = new Bench("no home");
  const here = await bench.json("sharing", "samba", "--port", "4450");
  assert.equal(here.at("samba", "running"), undefined, "no server runs that could tell");
  assert.match((await bench.run("sharing", "info")).out, /while a server runs/);
});

function readIfThere(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    // The process has ended meanwhile.
    return "";
  }
}

function killIfThere(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // It has ended with another one.
  }
}
