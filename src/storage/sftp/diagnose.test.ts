import { strict as assert } from "node:assert";
import { chown, mkdtemp, readdir, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { Line } from "#test/places/line.ts";
import { noOwnMounts } from "#test/places/own-mounts.ts";
import { noSshd, startSshd, type Sshd } from "#test/places/sshd.ts";
import type { DiagnosisStep } from "../diagnosis.ts";
import { diagnoseSftp } from "./diagnose.ts";
import { createRemoteFolder } from "./prepare.ts";
import { parseSftpSettings } from "./settings.ts";

const { signal } = new AbortController();
const skip = noSshd;

let sshd: Sshd;
before(async () => {
  if (skip === false) sshd = await startSshd();
});
after(() => sshd?.[Symbol.asyncDispose]());

async function diagnose(more: object = {}): Promise<readonly DiagnosisStep[]> {
  const { port, user, privateKey, folder, hostKeys } = sshd;
  const settings = {
    host: "127.0.0.1",
    port,
    user,
    privateKey,
    path: folder,
    hostKey: hostKeys.ed25519,
  };
  return Array.fromAsync(diagnoseSftp(parseSftpSettings({ ...settings, ...more }), signal));
}

/** The steps before the last are well, and the last is not. */
function endsWith(
  steps: readonly DiagnosisStep[],
  subjects: readonly string[],
  said: RegExp,
): void {
  assert.deepEqual(
    steps.map(({ subject }) => subject),
    subjects,
  );
  assert.deepEqual(
    steps.filter(({ ok }) => !ok),
    steps.slice(-1),
  );
  const last = steps.at(-1);
  assert.match(`${last?.message}. ${last?.advice}`, said);
}

const all = ["name", "port", "host-key", "sign-in", "path", "permission", "space"];

test("a place that is well is well in each step, and nothing is left there", { skip }, async () => {
  const steps = await diagnose();
  assert.deepEqual(
    steps.map(({ subject, ok }) => [subject, ok]),
    all.map((subject) => [subject, true]),
  );
  assert.match(steps.at(-1)?.message ?? "", /\d GB are free/);
  assert.deepEqual(await readdir(sshd.folder), []);
});

test("each cause is found at its step", { skip }, async () => {
  const { ed25519, rsa } = sshd.hostKeys;
  endsWith(await diagnose({ host: "nobody.invalid" }), all.slice(0, 1), /No address/);
  const line = await Line.to(sshd.port);
  await line[Symbol.asyncDispose]();
  endsWith(await diagnose({ port: line.port }), all.slice(0, 2), /refused.*SSH server/);
  const unpinned = await diagnose({ hostKey: "" });
  endsWith(unpinned, all.slice(0, 3), /not known yet.*ssh-keygen -l/);
  assert.ok(unpinned.at(-1)?.advice?.endsWith(`set hostKey to ${ed25519}`));
  const strange = `SHA256:${rsa.slice(7).split("").toReversed().join("")}`;
  endsWith(await diagnose({ hostKey: strange }), all.slice(0, 3), /instead of .* set up anew/);
  endsWith(
    await diagnose({ user: "nobody-knows-me" }),
    all.slice(0, 4),
    /does not let nobody-knows-me in/,
  );
  endsWith(
    await diagnose({ path: join(sshd.folder, "gone") }),
    all.slice(0, 5),
    /no folder .*gone/,
  );
  await writeFile(join(sshd.folder, "file"), "x");
  endsWith(await diagnose({ path: join(sshd.folder, "file") }), all.slice(0, 5), /is a file/);
  await rm(join(sshd.folder, "file"));
});

test(
  "a folder that may not be written to is found at its step",
  { skip: noOwnMounts },
  async (context) => {
    const path = await mkdtemp(join(sshd.folder, "theirs-"));
    context.after(() => rm(path, { recursive: true }));
    await chown(path, 0, 0);
    endsWith(await diagnose({ path }), all.slice(0, 6), /no permission.*right to write/);
  },
);

test("a server without SFTP is told at the folder", { skip }, async () => {
  await using server = await startSshd({ sftp: "/bin/false" });
  const { port, privateKey, hostKeys } = server;
  const steps = await diagnose({ port, privateKey, hostKey: hostKeys.ed25519 });
  endsWith(steps, ["name", "port", "host-key", "sign-in", "path"], /SFTP/);
});

test("at set-up the folder is made with those that lead to it", { skip }, async (context) => {
  const { port, user, privateKey, folder, hostKeys } = sshd;
  const path = join(folder, "a b", "ü", "$c");
  context.after(() => rm(join(folder, "a b"), { recursive: true, force: true }));
  const settings = { host: "127.0.0.1", port, user, privateKey, path, hostKey: hostKeys.ed25519 };
  await createRemoteFolder(parseSftpSettings(settings));
  await createRemoteFolder(parseSftpSettings(settings));
  assert.ok((await stat(path)).isDirectory());
  await assert.rejects(createRemoteFolder(parseSftpSettings({ ...settings, path: "/proc/x/y" })), {
    name: "StorageError",
  });
});
