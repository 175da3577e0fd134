import { strict as assert } from "node:assert";
import { execFileSync } from "node:child_process";
import { once } from "node:events";
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { connect } from "node:tls";
import { AccessServer } from "#test/access-server.ts";
import { setPassword } from "#access/set-password.ts";
import { ManualTime } from "#test/manual-time.ts";
import { TlsCertificate, tlsFilesIn } from "./tls.ts";

/** Certificates are valid from the moment in which openssl makes them. */
const now = Date.now() + 60 * 60_000;
const day = 24 * 60 * 60_000;

/** A home's `ssl` folder and certificates for it, made by openssl. */
function makeFolder(context: TestContext) {
  const folder = mkdtempSync(join(tmpdir(), "safehouse-tls-"));
  context.after(() => rmSync(folder, { recursive: true }));
  const ssl = join(folder, "ssl");
  mkdirSync(ssl);
  const make = (name: string): void => {
    const out = ["-keyout", join(folder, `${name}.key`), "-out", join(folder, `${name}.crt`)];
    const kind = [
      "-newkey",
      "ec",
      "-pkeyopt",
      "ec_paramgen_curve:prime256v1",
      "-nodes",
      "-days",
      "30",
    ];
    execFileSync("openssl", ["req", "-x509", "-subj", `/CN=${name}`, ...kind, ...out], {
      stdio: "pipe",
    });
  };
  const put = (certificate: string, key = certificate): void => {
    copyFileSync(join(folder, `${certificate}.crt`), join(ssl, "fullchain.pem"));
    copyFileSync(join(folder, `${key}.key`), join(ssl, "privkey.pem"));
  };
  make("one");
  put("one");
  return { folder, ssl, make, put };
}

function optionsOf(report: (error: unknown) => void = failed) {
  const time = new ManualTime();
  return { clock: { now: () => now }, startTimer: time.startTimer, report, time };
}

function failed(error: unknown): never {
  assert.fail(String(error));
}

/** The name in the certificate that a server shows. */
async function shownBy({ port }: AddressInfo): Promise<string> {
  const socket = connect({ port, host: "127.0.0.1", rejectUnauthorized: false });
  await once(socket, "secureConnect");
  const { subject } = socket.getPeerCertificate();
  socket.destroy();
  return String(subject.CN);
}

async function serve(context: TestContext, certificate: TlsCertificate) {
  const server = createServer(certificate.context);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  context.after(() => server.close());
  return { server, shown: () => shownBy(server.address() as AddressInfo) };
}

test("the certificate of the home is shown, and a renewed one without a restart", async (context) => {
  const { ssl, make, put } = makeFolder(context);
  const { time, ...options } = optionsOf();
  const certificate = await TlsCertificate.open(tlsFilesIn(ssl), options);
  const { server, shown } = await serve(context, certificate);
  const stop = certificate.follow(server);
  assert.equal(await shown(), "one");
  assert.equal(await certificate.renew(server), false);
  make("two");
  put("two");
  await certificate.renew(server);
  assert.equal(await shown(), "two");
  make("three");
  put("three");
  await time.pass(60_000);
  for (let tries = 0; tries < 500 && (await shown()) !== "three"; tries += 1) await time.pass(1000);
  assert.equal(await shown(), "three");
  stop();
  await time.pass(600_000);
  assert.equal(time.running, 0);
});

test("a link that is turned to another certificate is followed, as certbot does it", async (context) => {
  const { folder, ssl, make } = makeFolder(context);
  make("two");
  const link = (name: string): void => {
    for (const [file, ending] of [
      ["fullchain.pem", "crt"],
      ["privkey.pem", "key"],
    ] as const) {
      symlinkSync(join(folder, `${name}.${ending}`), join(ssl, "new"));
      renameSync(join(ssl, "new"), join(ssl, file));
    }
  };
  link("one");
  const certificate = await TlsCertificate.open(tlsFilesIn(ssl), optionsOf());
  const { server, shown } = await serve(context, certificate);
  link("two");
  assert.equal(await certificate.renew(server), true);
  assert.equal(await shown(), "two");
});

test("while new files do not fit, the certificate before goes on serving, and it is told once", async (context) => {
  const { ssl, make, put } = makeFolder(context);
  make("two");
  const told: unknown[] = [];
  const certificate = await TlsCertificate.open(
    tlsFilesIn(ssl),
    optionsOf((error) => void told.push(error)),
  );
  const { server, shown } = await serve(context, certificate);
  put("two", "one");
  for (let looks = 0; looks < 3; looks += 1) assert.equal(await certificate.renew(server), false);
  assert.equal(told.length, 1);
  assert.match(String(told[0]), /privkey\.pem is not that of .*fullchain\.pem/u);
  assert.equal(await shown(), "one");
  put("two");
  assert.equal(await certificate.renew(server), true);
  assert.equal(await shown(), "two");
});

test("what cannot be served is told for what it is", async (context) => {
  const { folder, ssl, make, put } = makeFolder(context);
  make("two");
  const options = optionsOf();
  const files = tlsFilesIn(ssl);
  const open = (at = now) => TlsCertificate.open(files, { ...options, clock: { now: () => at } });
  put("one", "two");
  await assert.rejects(open(), { problem: "usage", subject: files.key });
  put("one");
  await assert.rejects(open(now + 31 * day), { problem: "usage", message: /has expired on 20/u });
  await assert.rejects(open(now - 2 * day), { problem: "usage", message: /valid only from/u });
  writeFileSync(files.certificate, "no certificate");
  await assert.rejects(open(), { problem: "damaged", subject: files.certificate });
  put("one");
  writeFileSync(files.key, "-----BEGIN PRIVATE KEY-----\nc2VjcmV0\n-----END PRIVATE KEY-----\n");
  await assert.rejects(open(), { problem: "damaged", subject: files.key });
  const key = join(folder, "two.key");
  const locked = ["-in", key, "-out", files.key, "-aes128", "-passout", "pass:secret"];
  execFileSync("openssl", ["ec", ...locked], { stdio: "pipe" });
  await assert.rejects(open(), { problem: "damaged", advice: /passphrase/u });
  rmSync(files.key);
  await assert.rejects(open(), { problem: "not-found", subject: files.key });
});

test("files under other names are found", () => {
  const own = tlsFilesIn("/ssl", { certificate: "own.crt" });
  assert.deepEqual(own, { certificate: "/ssl/own.crt", key: "/ssl/privkey.pem" });
});

test("over our own HTTPS the cookie is Secure, and a plain one does not count", async (context) => {
  const { ssl } = makeFolder(context);
  const certificate = await TlsCertificate.open(tlsFilesIn(ssl), optionsOf());
  await using server = await AccessServer.open({ tls: certificate.context });
  await setPassword(server.tools, "correct horse battery");
  const json = { password: "correct horse battery" };
  const { headers, cookie } = await server.ask("/api/v1/access/session", { json });
  assert.match(String(headers["set-cookie"]), /^__Host-safehouse=.*; Secure; SameSite=Strict$/u);
  const status = async (sent: string) =>
    (await server.ask("/read", { headers: { Cookie: sent } })).status;
  assert.equal(await status(cookie), 200);
  assert.equal(await status(cookie.replace("__Host-", "")), 401);
});
