import { strict as assert } from "node:assert";
import { test } from "node:test";
import { findKind } from "#storage/catalog.ts";

const least = { host: "nas", user: "backup", password: "secret", path: "/backups" };

test("a place over SFTP is told by host, user and folder, and by nothing secret", () => {
  const kind = findKind("sftp");
  assert.equal(kind.where(least), "sftp://backup@nas/backups");
  assert.equal(kind.where({ ...least, port: 23 }), "sftp://backup@nas:23/backups");
  const secrets = kind.fields.filter(({ secret }) => secret).map(({ name }) => name);
  assert.deepEqual(secrets, ["password", "privateKey", "passphrase"]);
});
