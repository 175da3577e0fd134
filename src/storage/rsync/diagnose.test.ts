import { strict as assert } from "node:assert";
import { chmod, chown, mkdtemp, readdir, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { Line } from "#test/places/line.ts";
import { noOwnMounts } from "#test/places/own-mounts.ts";
import { daemonPlaces, sshPlaces } from "#test/places/rsync-places.ts";
import type { DiagnosisStep } from "../diagnosis.ts";
import { diagnoseRsync } from "./diagnose.ts";
import { createRemoteFolder } from "./prepare.ts";
import { parseRsyncSettings } from "./settings.ts";

const { signal } = new AbortController();
const daemon = daemonPlaces();
const ssh = sshPlaces();

function diagnose(settings: object): Promise<readonly DiagnosisStep[]> {
  return Array.fromAsync(diagnoseRsync(parseRsyncSettings(settings), signal));
}

/** The steps before the last are well, and the last is not. */
function endsWith(
  steps: readonly DiagnosisStep[],
  subjects: readonly string[],
  said: RegExp,
): void {
  const told = JSON.stringify(steps.at(-1));
  assert.deepEqual(
    steps.map(({ subject }) => subject),
    subjects,
    told,
  );
  assert.deepEqual(
    steps.filter(({ ok }) => !ok),
    steps.slice(-1),
  );
  const last = steps.at(-1);
  assert.match(`${last?.message}. ${last?.advice}`, said);
}

const atDaemon = ["program", "name", "port", "sign-in", "path", "permission"];
const overSsh = ["program", "name", "port", "host-key", "sign-in", "path", "permission"];

test(
  "a place that is well is well in each step, and nothing but an empty folder is left there",
  { skip: ssh.skip },
  async (context) => {
    for (const [places, all] of [
      [daemon, atDaemon],
      [ssh, overSsh],
    ] as const) {
      const { path, settings } = await places.makePlace(context);
      assert.deepEqual(
        (await diagnose(settings)).map(({ subject, ok }) => [subject, ok]),
        all.map((subject) => [subject, true]),
      );
      assert.deepEqual(await readdir(path, { recursive: true }), [
        ".safehouse",
        ".safehouse/unfinished",
      ]);
    }
  },
);

test("each cause at a daemon is found at its step", { skip: daemon.skip }, async (context) => {
  const { settings } = await daemon.makePlace(context);
  const { user, password, port } = daemon.rsyncd();
  const upTo = (subject: string): readonly string[] =>
    atDaemon.slice(0, atDaemon.indexOf(subject) + 1);
  endsWith(await diagnose({ ...settings, host: "nobody.invalid" }), upTo("name"), /No address/);
  const line = await Line.to(port);
  await line[Symbol.asyncDispose]();
  const off = await diagnose({ ...settings, port: line.port });
  endsWith(off, upTo("port"), /refused.*rsync daemon/);
  const locked = { ...settings, module: "locked", user };
  const wrong = await diagnose({ ...locked, password: "a secret" });
  endsWith(wrong, upTo("sign-in"), /password is wrong.*Check the user/);
  assert.doesNotMatch(JSON.stringify(wrong), /secret/);
  assert.ok((await diagnose({ ...locked, password })).every(({ ok }) => ok));
  endsWith(await diagnose({ ...settings, module: "none" }), upTo("path"), /no such module/);
  endsWith(await diagnose({ ...settings, path: "gone" }), upTo("path"), /no such folder/);
  const fixed = await diagnose({ ...settings, module: "fixed", path: "" });
  endsWith(fixed, upTo("permission"), /read-only/);
});

test("each cause over SSH is found at its step", { skip: ssh.skip }, async (context) => {
  const { path, settings } = await ssh.makePlace(context);
  const upTo = (subject: string): readonly string[] =>
    overSsh.slice(0, overSsh.indexOf(subject) + 1);
  const { ed25519, rsa } = ssh.sshd().hostKeys;
  const unpinned = await diagnose({ ...settings, hostKey: "" });
  endsWith(unpinned, upTo("host-key"), /not known yet.*ssh-keygen -l/);
  assert.ok(unpinned.at(-1)?.advice?.endsWith(`set hostKey to ${ed25519}`));
  const strange = `SHA256:${rsa.slice(7).split("").toReversed().join("")}`;
  const changed = await diagnose({ ...settings, hostKey: strange });
  endsWith(changed, upTo("host-key"), /instead of .* set up anew/);
  const stranger = await diagnose({ ...settings, user: "nobody-knows-me" });
  endsWith(stranger, upTo("sign-in"), /the user, the password or the key is wrong/);
  const gone = await diagnose({ ...settings, path: join(path, "gone") });
  endsWith(gone, upTo("path"), /no such folder/);
  await writeFile(join(path, "file"), "x");
  const file = await diagnose({ ...settings, path: join(path, "file") });
  endsWith(file, upTo("path"), /no such folder/);
});

test(
  "a folder that may not be written to is found at its step",
  { skip: noOwnMounts || ssh.skip },
  async (context) => {
    const { path, settings } = await ssh.makePlace(context);
    await chown(path, 0, 0);
    const steps = await diagnose({ ...settings, path: await openTo(path) });
    endsWith(steps, overSsh, /no permission.*right to write/);
  },
);

/** A folder that others may look into, but not write to. */
async function openTo(parent: string): Promise<string> {
  const path = await mkdtemp(join(parent, "theirs-"));
  await chmod(parent, 0o755);
  await chmod(path, 0o755);
  return path;
}

test(
  "at set-up the folder is made with those that lead to it",
  { skip: ssh.skip },
  async (context) => {
    for (const places of [daemon, ssh]) {
      const { path, settings } = await places.makePlace(context);
      const made = { ...settings, path: `${settings["path"]}/a b/ü/$c` };
      await createRemoteFolder(parseRsyncSettings(made));
      await createRemoteFolder(parseRsyncSettings(made));
      assert.ok((await stat(join(path, "a b", "ü", "$c"))).isDirectory());
      await rm(join(path, "a b"), { recursive: true });
    }
    const { settings } = await ssh.makePlace(context);
    const beyond = parseRsyncSettings({ ...settings, path: "/proc/x/y" });
    await assert.rejects(createRemoteFolder(beyond), { name: "StorageError" });
  },
);
