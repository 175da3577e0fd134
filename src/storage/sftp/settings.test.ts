import { strict as assert } from "node:assert";
import { test } from "node:test";
import { parseSftpSettings } from "./settings.ts";

const least = { host: "nas", user: "backup", password: "secret", path: "/backups" };

test("the least that is needed is a host, a user, a secret and a folder", () => {
  const settings = parseSftpSettings(least);
  assert.equal(settings.port, 22);
  assert.equal(settings.hostKey, undefined);
  assert.equal(settings.oldAlgorithms, false);
  for (const name of Object.keys(least)) {
    assert.throws(() => parseSftpSettings({ ...least, [name]: "" }), { problem: "usage" }, name);
  }
});

test("settings that cannot be right are refused, with the reason", () => {
  const wrong: readonly (readonly [settings: object, reason: RegExp])[] = [
    [{ port: 0 }, /port/],
    [{ port: "22" }, /port/],
    [{ path: "~/backups" }, /knows no ~/],
    [{ path: "a\0b" }, /NUL/],
    [{ privateKey: "ssh-ed25519 AAAA me@here" }, /public half/],
    [{ privateKey: "my key" }, /-----BEGIN/],
    [{ hostKey: "MD5:00:11" }, /SHA256:/],
    [{ oldAlgorithms: "yes" }, /yes or no/],
    [{ user: 7 }, /text/],
  ];
  for (const [settings, message] of wrong) {
    assert.throws(() => parseSftpSettings({ ...least, ...settings }), {
      problem: "usage",
      message,
    });
  }
  for (const settings of [undefined, null, 7, "x"]) {
    assert.throws(() => parseSftpSettings(settings), { problem: "usage" });
  }
});

test("an agent is found by the environment unless its socket is given", (context) => {
  const before = process.env["SSH_AUTH_SOCK"];
  context.after(() => {
    if (before === undefined) delete process.env["SSH_AUTH_SOCK"];
    else process.env["SSH_AUTH_SOCK"] = before;
  });
  const { password: _, ...rest } = least;
  process.env["SSH_AUTH_SOCK"] = "/run/agent";
  assert.equal(parseSftpSettings({ ...rest, agent: true }).agentSocket, "/run/agent");
  assert.equal(parseSftpSettings({ ...rest, agentSocket: "/other" }).agentSocket, "/other");
  delete process.env["SSH_AUTH_SOCK"];
  assert.throws(() => parseSftpSettings({ ...rest, agent: true }), { message: /SSH_AUTH_SOCK/ });
});
