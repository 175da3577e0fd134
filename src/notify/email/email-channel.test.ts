import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type AddressInfo, type Server } from "node:net";
import { test, type TestContext } from "node:test";
import { inspect } from "node:util";
import { SMTPServer, type SMTPServerOptions } from "smtp-server";
import { SafehouseError } from "#core/model/problem.ts";
import { channelOf, someNotification } from "#test/channel-cases.ts";
import { ManualTime } from "#test/manual-time.ts";
import { closedPort } from "#test/recording-server.ts";
import { opensslIsAbsent, selfSigned } from "#test/self-signed.ts";
import { emailChannel } from "./email-channel.ts";

const skip = opensslIsAbsent;
const certificate = skip === false ? selfSigned("localhost") : { key: "", cert: "" };
const account = { user: "ha", password: "hunter2 pass" };

interface MailServer {
  readonly port: number;
  readonly mails: readonly {
    readonly to: readonly string[];
    readonly text: string;
    readonly isTls: boolean;
  }[];
}

/** A mail server of our own; with sign-in if nothing else is said. */
async function mailServer(
  context: TestContext,
  options: SMTPServerOptions = {},
): Promise<MailServer> {
  const mails: MailServer["mails"][number][] = [];
  const server = new SMTPServer({
    ...certificate,
    onAuth({ username, password }, _session, done) {
      if (username === account.user && password === account.password) done(null, { user: "ha" });
      else done(new Error("Invalid username or password"));
    },
    onData(stream, { envelope, secure }, done) {
      const pieces: Buffer[] = [];
      stream.on("data", (bytes: Buffer) => pieces.push(bytes));
      stream.on("end", () => {
        const to = envelope.rcptTo.map(({ address }) => address);
        mails.push({ to, text: Buffer.concat(pieces).toString(), isTls: secure });
        done();
      });
    },
    ...options,
  });
  // Clients that break off are what these tests are about.
  server.on("error", () => undefined);
  server.listen(0, "127.0.0.1");
  await once(server.server, "listening");
  context.after(() => new Promise<void>((resolve) => server.close(resolve)));
  const { port } = server.server.address() as AddressInfo;
  return { port, mails };
}

function send(port: number, settings: Readonly<Record<string, unknown>> = {}, limitInMs = 20_000) {
  const { clock, startTimer } = new ManualTime();
  const channel = channelOf("email", {
    host: "localhost",
    port,
    ...account,
    from: "ha@example.org",
    to: "me@example.org, you@example.org",
    certificate: certificate.cert,
    ...settings,
  });
  assert.ok(channel.kind === "email");
  const signal = new AbortController().signal;
  return emailChannel(channel.settings, { clock, startTimer, limitInMs }).send(
    someNotification,
    signal,
  );
}

/** Why a mail did not get there; it never tells the password. */
async function failure(sending: Promise<void>): Promise<SafehouseError> {
  const error: unknown = await sending.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  assert.ok(error instanceof SafehouseError, inspect(error));
  const shown = inspect(error, { depth: 9 });
  assert.doesNotMatch(shown, /hunter2/u);
  assert.ok(!shown.includes(Buffer.from(account.password).toString("base64")));
  return error;
}

test(
  "a mail arrives by STARTTLS with sign-in, for every receiver, and says what happened",
  { skip },
  async (context) => {
    const { port, mails } = await mailServer(context);
    await send(port);
    const [mail] = mails;
    assert.deepEqual(mail?.to, ["me@example.org", "you@example.org"]);
    assert.equal(mail.isTls, true);
    assert.match(mail.text, /^From: Safehouse <ha@example\.org>\r$/mu);
    assert.match(mail.text, /^Subject: =\?UTF-8\?/mu);
    assert.match(mail.text, /^Auto-Submitted: auto-generated\r$/mu);
    assert.match(mail.text, /^Message-ID: <[0-9a-f]{32}@example\.org>\r$/mu);
    assert.match(mail.text, /Switch it on\./u);
  },
);

test(
  "the same message has the same id, so that mail programs show it once",
  { skip },
  async (context) => {
    const { port, mails } = await mailServer(context);
    await send(port);
    await send(port);
    const ids = mails.map(({ text }) => /^Message-ID: (.*)$/mu.exec(text)?.[1]);
    assert.equal(ids.length, 2);
    assert.equal(ids[0], ids[1]);
  },
);

test("a mail arrives by TLS from the first byte", { skip }, async (context) => {
  const { port, mails } = await mailServer(context, { secure: true });
  await send(port, { security: "tls" });
  assert.equal(mails.length, 1);
});

test(
  "a mail arrives at a relay of the house without encryption and sign-in",
  { skip },
  async (context) => {
    const { port, mails } = await mailServer(context, { authOptional: true, hideSTARTTLS: true });
    await send(port, { security: "none", user: null, password: null });
    assert.deepEqual(
      mails.map(({ isTls }) => isTls),
      [false],
    );
  },
);

test("a wrong password is named as such", { skip }, async (context) => {
  const { port, mails } = await mailServer(context);
  const error = await failure(send(port, { password: "hunter2 wrong" }));
  assert.equal(error.problem, "denied");
  assert.equal(error.message, `localhost:${port} refuses the user or the password (535)`);
  assert.equal(mails.length, 0);
});

test(
  "a server that repeats what it was given cannot make us tell it",
  { skip },
  async (context) => {
    const { port } = await mailServer(context, {
      onAuth: ({ password }, _session, done) => done(new Error(`Wrong: ${password}`)),
    });
    assert.equal((await failure(send(port))).problem, "denied");
  },
);

test("without STARTTLS nothing is sent, the password least of all", { skip }, async (context) => {
  let tries = 0;
  const { port, mails } = await mailServer(context, {
    hideSTARTTLS: true,
    disabledCommands: ["STARTTLS"],
    onAuth(_auth, _session, done) {
      tries += 1;
      done(null, { user: "ha" });
    },
  });
  const error = await failure(send(port));
  assert.equal(error.problem, "denied");
  assert.match(error.message, /offers no encryption/u);
  assert.equal(tries + mails.length, 0);
});

test("a certificate that is not trusted", { skip }, async (context) => {
  const { port, mails } = await mailServer(context);
  const error = await failure(send(port, { certificate: null }));
  assert.equal(error.problem, "denied");
  assert.match(error.message, /certificate that this machine does not trust|offers no encryption/u);
  assert.equal(mails.length, 0);
});

test("a certificate for another name", { skip }, async (context) => {
  const { port } = await mailServer(context);
  const error = await failure(send(port, { host: "127.0.0.1" }));
  assert.equal(error.problem, "denied");
  assert.match(error.message, /certificate for another name/u);
});

test(
  "a receiver that the server does not know, all of them and one of them",
  { skip },
  async (context) => {
    const { port, mails } = await mailServer(context, {
      onRcptTo: ({ address }, _session, done) =>
        done(
          address.startsWith("you")
            ? Object.assign(new Error("No such user"), { responseCode: 550 })
            : null,
        ),
    });
    const none = await failure(send(port, { to: "you@example.org" }));
    assert.equal(none.problem, "usage");
    assert.equal(none.message, `localhost:${port} refuses the sender or the receivers (550)`);
    const some = await failure(send(port));
    assert.equal(some.problem, "incomplete");
    assert.deepEqual(
      mails.map(({ to }) => to),
      [["me@example.org"]],
    );
  },
);

test("a port at which nobody listens", { skip }, async () => {
  const port = await closedPort();
  const error = await failure(send(port));
  assert.equal(error.message, `localhost:${port} refuses connections (ECONNREFUSED)`);
});

test("a name that nobody knows", { skip }, async () => {
  const error = await failure(send(587, { host: "nobody.invalid" }));
  assert.match(error.message, /^nobody\.invalid:587 has a name that nobody knows/u);
});

test("TLS at a port that begins without it", { skip }, async (context) => {
  const { port } = await mailServer(context);
  const error = await failure(send(port, { security: "tls" }));
  assert.match(error.message, /does not speak TLS there|offers no encryption/u);
});

test("a server that lets us in and says nothing is given up", { skip }, async (context) => {
  const silent: Server = createServer(() => undefined);
  silent.listen(0, "127.0.0.1");
  await once(silent, "listening");
  const { port } = silent.address() as AddressInfo;
  context.after(() => silent.close());
  const error = await failure(send(port, {}, 50));
  assert.equal(error.message, `localhost:${port} does not answer (ETIMEDOUT)`);
});

test("a server that speaks something else", { skip }, async (context) => {
  const other = createServer((socket) => socket.end("HTTP/1.1 400 Bad Request\r\n\r\n"));
  other.listen(0, "127.0.0.1");
  await once(other, "listening");
  const { port } = other.address() as AddressInfo;
  context.after(() => other.close());
  const error = await failure(send(port));
  assert.equal(error.problem, "unreachable");
  assert.match(error.message, /does not speak SMTP there|closed the connection/u);
});
