import { strict as assert } from "node:assert";
import { chmodSync } from "node:fs";
import { test } from "node:test";
import type { TestContext } from "node:test";
import { noSamba, SambaServer, sambaUser } from "#test/places/samba.ts";
import { content, readAll, rejectsWith, sameBytes, someBytes } from "../contract/objects.ts";
import { diagnoseSmb } from "./diagnose.ts";
import { openSession } from "./open-share.ts";
import type { SmbConnection } from "./protocol/connection.ts";
import { SmbStorage } from "./provider.ts";
import { parseSmbSettings } from "./settings.ts";

type Settings = Readonly<Record<string, string | number>>;

const { signal } = new AbortController();
const options = { skip: noSamba };

async function serverWith(context: TestContext, ...global: readonly string[]) {
  const server = await SambaServer.start({ global, share: ["guest ok = yes"] });
  context.after(() => server.end());
  return server;
}

/** Writes and reads something that takes several requests, and something small. */
async function tryOut(settings: Settings): Promise<void> {
  const storage = new SmbStorage(parseSmbSettings(settings));
  const bytes = someBytes(1_200_000);
  await storage.write("x.tar", { ...content(bytes), overwrite: true }, signal);
  sameBytes(await readAll({ storage, signal }, "x.tar"), bytes);
  await storage.write("note", { ...content("note"), overwrite: true }, signal);
  assert.equal((await Array.fromAsync(storage.list("", signal))).flat().length, 2);
}

async function connectionOf(settings: Settings): Promise<SmbConnection> {
  const { connection } = await openSession(parseSmbSettings(settings), signal);
  connection.end();
  return connection;
}

/** What went wrong when signing in, for people. */
async function messageOf(settings: Settings): Promise<string> {
  const last = (await Array.fromAsync(diagnoseSmb(parseSmbSettings(settings), signal))).at(-1);
  assert.equal(last?.ok, false, JSON.stringify(last));
  return `${last?.message} ${last?.advice}`;
}

const versions = {
  SMB2_02: 0x0202,
  SMB2_10: 0x0210,
  SMB3_00: 0x0300,
  SMB3_02: 0x0302,
  SMB3_11: 0x0311,
};

for (const [name, dialect] of Object.entries(versions)) {
  test(
    `${name} is spoken, plain, signed, and encrypted where it can be`,
    options,
    async (context) => {
      const { settings } = await serverWith(context, `server max protocol = ${name}`);
      assert.equal((await connectionOf(settings)).agreement?.dialect, dialect);
      await tryOut(settings);
      await tryOut({ ...settings, signing: "required" });
      await tryOut({ ...settings, encryption: "desired" });
      const sealed = { ...settings, encryption: "required" };
      if (dialect >= 0x0300) {
        await tryOut(sealed);
        assert.equal((await connectionOf(sealed)).protection?.seals, true);
      } else {
        await rejectsWith(tryOut(sealed), "unsupported");
        const tooOld = { ...settings, minimumProtocol: "3.0" };
        await rejectsWith(tryOut(tooOld), "unsupported");
        assert.match(await messageOf(tooOld), /no version of SMB from 3\.0 to 3\.1\.1/u);
      }
    },
  );
}

for (const [cipher, signer] of [
  ["AES-128-GCM", "AES-128-GMAC"],
  ["AES-128-CCM", "AES-128-CMAC"],
  ["AES-256-GCM", "HMAC-SHA256"],
  ["AES-256-CCM", "AES-128-GMAC"],
]) {
  test(
    `${cipher} and ${signer} are understood, and servers may ask for signing`,
    options,
    async (context) => {
      const { settings } = await serverWith(
        context,
        `server smb3 encryption algorithms = ${cipher}`,
        `server smb3 signing algorithms = ${signer}`,
        "server signing = mandatory",
      );
      await tryOut(settings);
      await tryOut({ ...settings, encryption: "required" });
    },
  );
}

test("a share that asks for encryption gets it", options, async (context) => {
  const server = await SambaServer.start({ share: ["server smb encrypt = required"] });
  context.after(() => server.end());
  await tryOut(server.settings);
});

test("a server that only speaks SMB1 is told as such", options, async (context) => {
  const { settings } = await serverWith(
    context,
    "server min protocol = NT1",
    "server max protocol = NT1",
  );
  await rejectsWith(tryOut(settings), "unsupported");
  assert.match(await messageOf(settings), /nothing newer than SMB1/u);
});

test(
  "guests are let in where the server lets them, and not where anything is to be signed",
  options,
  async (context) => {
    const { settings, folder, data } = await serverWith(context, "map to guest = bad user");
    const { host, port, share } = settings;
    const guest = { host, port, share };
    // Samba lets guests work as nobody, who has to get there.
    chmodSync(folder, 0o711);
    chmodSync(data, 0o777);
    await tryOut(guest);
    await rejectsWith(tryOut({ ...guest, signing: "required" }), "unsupported");
    await rejectsWith(tryOut({ ...guest, encryption: "required" }), "unsupported");
  },
);

test("a user that the server only knows as a guest has not signed in", options, async (context) => {
  const { settings } = await serverWith(context, "map to guest = bad user");
  const unknown = { ...settings, user: "nobody-like-this" };
  await rejectsWith(tryOut(unknown), "sign-in");
  assert.match(await messageOf(unknown), /as a guest only/u);
});

test("without guests, no user at all is a matter of signing in", options, async (context) => {
  const server = await SambaServer.start({
    global: ["map to guest = never", "restrict anonymous = 2"],
  });
  context.after(() => server.end());
  const { host, port, share } = server.settings;
  await assert.rejects(tryOut({ host, port, share }), { name: "StorageError" });
  assert.match(await messageOf({ host, port, share }), /set a user and a password/u);
});

test("passwords are known whatever they are made of", options, async (context) => {
  const server = await serverWith(context);
  const { user } = sambaUser;
  for (const password of [
    "a",
    "user%pass",
    "#;'\"\\$(id)`%s",
    "  blanks  ",
    "пароль 密码 🔑",
    "x".repeat(120),
  ]) {
    await server.addUser(user, password);
    await tryOut({ ...server.settings, password });
  }
});

test("a domain may be named, as servers want it", options, async (context) => {
  const { settings } = await serverWith(context, "workgroup = HEIM");
  await tryOut({ ...settings, domain: "HEIM" });
});
