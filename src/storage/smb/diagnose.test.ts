import { strict as assert } from "node:assert";
import { chmodSync, mkdirSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { once } from "node:events";
import { join } from "node:path";
import { after, test } from "node:test";
import { freshFolder, noSamba, SambaServer, sambaUser } from "#test/places/samba.ts";
import { content, rejectsWith } from "../contract/objects.ts";
import type { DiagnosisStep } from "../diagnosis.ts";
import { diagnoseSmb } from "./diagnose.ts";
import { SmbStorage } from "./provider.ts";
import { parseSmbSettings } from "./settings.ts";

type Settings = Readonly<Record<string, string | number>>;

const { signal } = new AbortController();
const options = { skip: noSamba };
const server = noSamba
  ? undefined
  : await SambaServer.start({
      shares: {
        pictures: ["path = /tmp"],
        "read only": ["path = /tmp", "read only = yes"],
        closed: ["path = /tmp", "valid users = nobody"],
      },
    });
after(() => server?.end());

function running(): SambaServer {
  if (server === undefined) throw new Error("No server");
  return server;
}

function diagnose(settings: Settings): Promise<DiagnosisStep[]> {
  return Array.fromAsync(diagnoseSmb(parseSmbSettings(settings), signal));
}

/** The last step, which has to be the only one that fails. */
async function failureOf(settings: Settings): Promise<DiagnosisStep> {
  const steps = await diagnose(settings);
  const last = steps.at(-1);
  assert.ok(last !== undefined && !last.ok, JSON.stringify(steps));
  assert.ok(
    steps.slice(0, -1).every(({ ok }) => ok),
    JSON.stringify(steps),
  );
  assert.doesNotMatch(JSON.stringify(steps), /Zaun|wrong-secret/u);
  return last;
}

test("a share that is all right is told step by step", options, async () => {
  const path = freshFolder(running());
  const steps = await diagnose({ ...running().settings, path });
  assert.ok(
    steps.every(({ ok }) => ok),
    JSON.stringify(steps),
  );
  assert.deepEqual(
    steps.map(({ subject }) => subject),
    ["name", "port", "sign-in", "path", "path", "permission", "space"],
  );
  assert.match(steps[2]?.message ?? "", /^Signed in as .* over SMB 3\.1\.1$/u);
});

test("a name that nobody knows, and a port at which nobody listens", options, async () => {
  const name = await failureOf({ ...running().settings, host: "no-such-host.invalid" });
  assert.equal(name.subject, "name");
  const port = await failureOf({ ...running().settings, port: 1 });
  assert.equal(port.subject, "port");
  const away = new SmbStorage(parseSmbSettings({ ...running().settings, port: 1 }));
  await rejectsWith(away.stat("x", signal), "unreachable");
});

test("something else than SMB that answers", options, async (context) => {
  const other = createServer((socket) => {
    socket.on("error", () => undefined).end("HTTP/1.1 400 Bad Request\r\n\r\n");
  }).listen(0, "127.0.0.1");
  await once(other, "listening");
  context.after(() => other.close());
  const { port } = other.address() as AddressInfo;
  const step = await failureOf({ ...running().settings, port });
  assert.equal(step.subject, "sign-in");
  assert.match(step.message, /does not speak SMB/u);
});

test("a wrong password and a wrong user are a matter of signing in", options, async () => {
  for (const wrong of [{ password: "wrong-secret" }, { user: "nobody-like-this" }]) {
    const settings = { ...running().settings, ...wrong };
    const step = await failureOf(settings);
    assert.equal(step.subject, "sign-in");
    assert.match(step.message, /user or password is wrong \(NT_STATUS_LOGON_FAILURE\)/u);
    const storage = new SmbStorage(parseSmbSettings(settings));
    await rejectsWith(storage.write("x", content("x"), signal), "sign-in");
  }
});

test(
  "an account that is disabled is told apart from a wrong password",
  options,
  async (context) => {
    const { user } = sambaUser;
    await running().accounts("-u", user, "-c", "[D]");
    context.after(() => running().accounts("-u", user, "-c", "[ ]"));
    const step = await failureOf(running().settings);
    assert.equal(step.subject, "sign-in");
    assert.match(step.message, /disabled \(NT_STATUS_ACCOUNT_DISABLED\)/u);
  },
);

test("a share that there is not is told with those that there are", options, async () => {
  const settings = { ...running().settings, share: "backup" };
  const step = await failureOf(settings);
  assert.equal(step.subject, "path");
  assert.match(step.message, /no such share \(NT_STATUS_BAD_NETWORK_NAME\)/u);
  assert.match(step.advice ?? "", /data, pictures, read only, closed/u);
  const storage = new SmbStorage(parseSmbSettings(settings));
  await rejectsWith(Array.fromAsync(storage.list("", signal)), "unreachable");
});

test("a folder that is missing is told apart from a share that is", options, async () => {
  const step = await failureOf({ ...running().settings, path: "not/there" });
  assert.equal(step.subject, "path");
  assert.match(step.message, /data\/not\/there: the folder is not there/u);
});

test("a share that is not for this user, or not for writing", options, async () => {
  const closed = await failureOf({ ...running().settings, share: "closed" });
  assert.equal(closed.subject, "path");
  assert.match(closed.message, /NT_STATUS_ACCESS_DENIED/u);
  const settings = { ...running().settings, share: "read only" };
  const step = await failureOf(settings);
  assert.equal(step.subject, "permission");
  assert.match(step.message, /no permission|write-protected/u);
  const storage = new SmbStorage(parseSmbSettings(settings));
  await assert.rejects(storage.write("x", content("x"), signal), { name: "StorageError" });
});

test("a folder without the right to write is no permission", options, async (context) => {
  // Nothing keeps root from writing.
  if (process.getuid?.() === 0) {
    const folder = join(running().data, "immutable");
    mkdirSync(folder);
    const { spawnSync } = await import("node:child_process");
    if (spawnSync("chattr", ["+i", folder]).status !== 0) {
      context.skip("absent: a file system with chattr +i");
      return;
    }
    context.after(() => spawnSync("chattr", ["-i", folder]));
    assert.equal(
      (await failureOf({ ...running().settings, path: "immutable" })).subject,
      "permission",
    );
    return;
  }
  const path = freshFolder(running());
  chmodSync(join(running().data, path), 0o500);
  context.after(() => chmodSync(join(running().data, path), 0o700));
  assert.equal((await failureOf({ ...running().settings, path })).subject, "permission");
});
