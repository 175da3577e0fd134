import { strict as assert } from "node:assert";
import { tmpdir } from "node:os";
import { test } from "node:test";
import { parseRsyncSettings } from "./settings.ts";

const ssh = { host: "nas", user: "backup", password: "secret", path: "/backups" };
const daemon = { host: "nas", module: "backup" };

test("a module makes it a daemon, else it is SSH", () => {
  const overSsh = parseRsyncSettings(ssh);
  assert.deepEqual([overSsh.way.kind, overSsh.way.port, overSsh.spool], ["ssh", 22, tmpdir()]);
  const toDaemon = parseRsyncSettings({ ...daemon, spool: "/data/spool" });
  const { way, path, spool } = toDaemon;
  assert.deepEqual([way.kind, way.port, path, spool], ["daemon", 873, ".", "/data/spool"]);
});

test("settings that cannot be right are refused, with the reason", () => {
  const wrong: readonly (readonly [settings: object, reason: RegExp])[] = [
    [{ ...ssh, user: "" }, /user/],
    [{ ...ssh, password: "" }, /password, a private key or an agent/],
    [{ ...ssh, path: "" }, /path/],
    [{ ...ssh, host: "-oProxyCommand=x" }, /host/],
    [{ ...ssh, host: "a b" }, /host/],
    [{ ...ssh, user: 'a"b' }, /user/],
    [{ ...ssh, user: "a\nHost *" }, /user/],
    [{ ...ssh, path: "~/x" }, /without ~/],
    [{ ...ssh, path: "/a*" }, /\*/],
    [{ ...ssh, path: "/a/../b" }, /\.\./],
    [{ ...ssh, port: 70_000 }, /port/],
    [{ ...ssh, privateKey: "ssh-rsa AAAA" }, /-----BEGIN/],
    [{ ...ssh, hostKey: "SHA256:x" }, /SHA256/],
    [{ ...ssh, spool: "relative" }, /spool/],
    [{ ...daemon, host: "" }, /host/],
    [{ ...daemon, module: "a/b" }, /module/],
    [{ ...daemon, password: "a\nb" }, /one line/],
  ];
  for (const [settings, message] of wrong) {
    assert.throws(() => parseRsyncSettings(settings), { problem: "usage", message });
  }
  for (const settings of [undefined, null, 7, "x"]) {
    assert.throws(() => parseRsyncSettings(settings), { problem: "usage" });
  }
});
