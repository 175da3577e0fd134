import assert from "node:assert/strict";
import { test } from "node:test";
import { inspect } from "node:util";
import { SafehouseError } from "#core/model/problem.ts";
import { channelFields, channelKinds } from "./channel-fields.ts";
import type { ChannelKind } from "./channel.ts";
import { parseChannel } from "./parse-channel.ts";

/** What each kind needs, with a secret that can be looked for. */
const least: Readonly<Record<ChannelKind, Readonly<Record<string, string>>>> = {
  webhook: { url: "https://example.org/hook" },
  email: { host: "mail.example.org", from: "ha@example.org", to: "me@example.org" },
  ntfy: { url: "https://ntfy.sh/topic" },
  gotify: { url: "https://push.example.org", token: "Atoken" },
  ping: { url: "https://hc-ping.com/key/nightly" },
};

function parse(kind: ChannelKind, settings: Readonly<Record<string, unknown>> = {}) {
  return parseChannel({ id: "a", kind, name: "A", settings: { ...least[kind], ...settings } });
}

test("a channel without more follows alerts, a ping runs, both for all plans", () => {
  const { events, plans } = parse("ntfy");
  assert.deepEqual(events, ["alert", "reminder", "recovered"]);
  assert.deepEqual(plans, []);
  assert.deepEqual(parse("ping").events, ["run-started", "run-succeeded", "run-failed"]);
});

for (const kind of channelKinds) {
  test(`${kind}: every setting that is needed is asked for by its name, and there is no other`, () => {
    parse(kind);
    for (const { name, isNeeded } of channelFields[kind])
      if (isNeeded) assert.throws(() => parse(kind, { [name]: null }), new RegExp(name, "u"));
      else assert.ok(!(name in least[kind]), name);
    assert.throws(() => parse(kind, { colour: "red" }), /has no field "colour"/u);
  });

  test(`${kind}: no refusal repeats a secret`, () => {
    for (const { name, isSecret } of channelFields[kind]) {
      if (!isSecret) continue;
      for (const secret of ["hunter2\nnext", "ftp://hunter2", "https://u:hunter2@example.org"]) {
        try {
          parse(kind, { [name]: secret });
        } catch (error) {
          assert.ok(error instanceof SafehouseError);
          assert.doesNotMatch(inspect(error, { depth: 9 }), /hunter2/u);
        }
      }
    }
  });
}

test("an address holds no password, and is one of the web", () => {
  for (const url of ["ftp://a/b", "https://user:pass@a/b", "a/b", "https://", "https://a b/", 7])
    assert.throws(() => parse("webhook", { url }), { problem: "usage" });
});

test("a check at healthchecks.io can be named by its UUID alone", () => {
  const uuid = "5bf66975-d4c7-4bf5-bcc8-b8d8a82ea278";
  const { settings } = parse("ping", { url: uuid });
  assert.deepEqual(settings, { url: `https://hc-ping.com/${uuid}` });
});

test("a server of ntfy without a topic is refused, one below a path is not", () => {
  for (const url of ["https://ntfy.sh", "https://ntfy.sh/", "https://ntfy.sh/a?b"])
    assert.throws(() => parse("ntfy", { url }), /topic/u);
  parse("ntfy", { url: "https://example.org/push/my-topic" });
});

test("mail goes by STARTTLS at 587 unless something else is said", () => {
  const of = (settings: Readonly<Record<string, unknown>>) => {
    const channel = parse("email", settings);
    assert.ok(channel.kind === "email");
    return `${channel.settings.security} ${channel.settings.port}`;
  };
  assert.equal(of({}), "starttls 587");
  assert.equal(of({ security: "tls" }), "tls 465");
  assert.equal(of({ security: "none", port: "2525" }), "none 2525");
});

test("a mail password never goes over an open connection", () => {
  const signIn = { user: "me", password: "secret" };
  assert.throws(() => parse("email", { ...signIn, security: "none" }), /starttls or tls/u);
  assert.throws(() => parse("email", { user: "me" }), /password/u);
  assert.throws(() => parse("email", { password: "secret" }), /user/u);
});

test("an address of mail cannot smuggle in a header or another receiver", () => {
  for (const to of ["a@b\r\nBcc: c@d", "a@b, ,", "A <a@b>", "a", "a@b;c@d", ""])
    assert.throws(() => parse("email", { to }), { problem: "usage" }, to);
  const channel = parse("email", { to: "a@b.org, c@d.org" });
  assert.ok(channel.kind === "email");
  assert.deepEqual(channel.settings.to, ["a@b.org", "c@d.org"]);
});

test("a header of a webhook has a name and a value, and is one line", () => {
  const header = { headerName: "Authorization", headerValue: "Bearer x" };
  parse("webhook", header);
  assert.throws(() => parse("webhook", { headerName: "Authorization" }), /headerValue/u);
  assert.throws(() => parse("webhook", { headerValue: "x" }), /headerName/u);
  assert.throws(() => parse("webhook", { ...header, headerValue: "a\r\nb: c" }), /one line/u);
  assert.throws(() => parse("webhook", { ...header, headerName: "a b" }), /name of a header/u);
  for (const headerName of ["Host", "content-length", "Connection"])
    assert.throws(() => parse("webhook", { ...header, headerName }), /not about the connection/u);
});

test("events and ids that there are not are refused", () => {
  const channel = { id: "a", kind: "ping", name: "A", settings: least.ping };
  for (const wrong of [{ events: ["alarm"] }, { events: [] }, { id: "A b" }, { kind: "fax" }])
    assert.throws(() => parseChannel({ ...channel, ...wrong }), { problem: "usage" });
});

test("the address of a webhook is taken as it is: a slash at its end can make a difference", () => {
  const channel = parse("webhook", { url: "https://example.org/hook/" });
  assert.ok(channel.kind === "webhook");
  assert.equal(channel.settings.url, "https://example.org/hook/");
});

test("a password keeps its blanks", () => {
  const channel = parse("email", { user: "me", password: " two words " });
  assert.ok(channel.kind === "email");
  assert.equal(channel.settings.signIn?.password, " two words ");
});
