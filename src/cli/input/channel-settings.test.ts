import assert from "node:assert/strict";
import { test } from "node:test";
import { inspect } from "node:util";
import { channelFields } from "#core/notifications/channel-fields.ts";
import type { ChannelKind } from "#core/notifications/channel.ts";
import type { Console } from "../console.ts";
import { readChannelSettings, type ChannelSettingFlags } from "./channel-settings.ts";

interface World {
  readonly env?: Readonly<Record<string, string>>;
  readonly files?: Readonly<Record<string, string>>;
  /** What is typed, by the name of the setting; undefined for no terminal. */
  readonly typed?: Readonly<Record<string, string>>;
}

async function read(kind: ChannelKind, flags: ChannelSettingFlags, world: World = {}) {
  const { env = {}, files = {}, typed } = world;
  const asked: string[] = [];
  const answer = (isSecret: boolean) => async (question: string) => {
    const name = question.split(" ")[0] ?? "";
    asked.push(isSecret ? `${name} unseen` : name);
    return typed?.[name] ?? "";
  };
  const console: Console = {
    out: async () => undefined,
    flush: async () => undefined,
    err: () => undefined,
    outIsTerminal: false,
    errIsTerminal: false,
    inIsTerminal: typed !== undefined,
    columns: 80,
    env,
    askSecret: answer(true),
    ask: answer(false),
    readTextFile: async (path) => files[path] ?? assert.fail(path),
    signal: new AbortController().signal,
    now: () => 0,
  };
  const where = { console, before: undefined };
  return { settings: await readChannelSettings(channelFields[kind], flags, where), asked };
}

test("a secret is refused as an argument, and not repeated", async () => {
  for (const set of ["token=hunter2", "hunter2"]) {
    await assert.rejects(read("gotify", { set: [set] }), (error) => {
      assert.doesNotMatch(inspect(error), /hunter2/u);
      return true;
    });
  }
});

test("secrets come from files without their line feed, and from the environment", async () => {
  const flags = { set: ["url=https://a"], fromFile: ["token=/run/token"] };
  const world = { files: { "/run/token": "hunter2\n" } };
  assert.deepEqual((await read("gotify", flags, world)).settings, {
    url: "https://a",
    token: "hunter2",
  });
  const env = { SAFEHOUSE_NOTIFY_URL: "https://a/b", SAFEHOUSE_NOTIFY_SIGNING_KEY: "k" };
  const { settings } = await read("webhook", {}, { env });
  assert.deepEqual(settings, { url: "https://a/b", signingKey: "k" });
});

test("on a terminal what is needed is asked for, secrets unseen, and what is named", async () => {
  const typed = { url: "https://ntfy.sh/topic", token: "tk" };
  const { settings, asked } = await read("ntfy", { ask: ["token"] }, { typed });
  assert.deepEqual(asked, ["url unseen", "token unseen"]);
  assert.deepEqual(settings, typed);
});

test("without a terminal what is needed and was not given is named, with the ways to give it", async () => {
  await assert.rejects(read("ntfy", {}), {
    problem: "usage",
    subject: "url",
    advice: /--from-file url=FILE or SAFEHOUSE_NOTIFY_URL/u,
  });
  await assert.rejects(read("email", {}), { subject: "host", advice: /--set host=VALUE/u });
});

test("a setting that there is not is refused, and the nearest one named", async () => {
  await assert.rejects(read("ntfy", { set: ["prioriti=5"] }), { advice: /Did you mean priority/u });
});

test("a certificate comes from a file as a whole", async () => {
  const pem = "-----BEGIN CERTIFICATE-----\nAA\n-----END CERTIFICATE-----";
  const flags = {
    set: ["host=a", "from=a@b", "to=a@b"],
    fromFile: ["certificate=/ca.pem"],
  };
  const { settings } = await read("email", flags, { files: { "/ca.pem": `${pem}\n` } });
  assert.equal(settings["certificate"], pem);
});
