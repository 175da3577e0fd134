import { strict as assert } from "node:assert";
import { test } from "node:test";
import { findKind } from "#storage/catalog.ts";

const layoutOf = (kind: string, settings: Record<string, string> = {}) =>
  findKind(kind).agentLayout?.(settings);

test("kinds of places that Home Assistant has an agent for are laid out as it wants", () => {
  assert.deepEqual(layoutOf("webdav", { url: "https://nas/dav" }), { kind: "beside" });
  assert.deepEqual(layoutOf("s3", { bucket: "b" }), { kind: "beside" });
  assert.deepEqual(layoutOf("s3", { endpoint: "https://x.r2.cloudflarestorage.com" }), {
    kind: "beside",
  });
  for (const endpoint of [
    "https://s3.us-west-004.backblazeb2.com",
    "https://S3.eu.Backblazeb2.com/",
  ])
    assert.deepEqual(layoutOf("s3", { endpoint }), { kind: "enveloped" });
  assert.deepEqual(layoutOf("s3", { endpoint: "https://backblazeb2.com.example.org" }), {
    kind: "beside",
  });
  assert.deepEqual(layoutOf("sftp", { path: "/srv/ha/" }), { kind: "hidden", folder: "/srv/ha" });
  assert.deepEqual(layoutOf("sftp", { path: "/" }), { kind: "hidden", folder: "" });
  assert.deepEqual(layoutOf("sftp", { path: "ha" }), { kind: "hidden", folder: undefined });
});

test("where Home Assistant reads the archives themselves, nothing lies beside them for it", () => {
  for (const kind of ["local", "smb", "nfs", "rclone"]) assert.equal(layoutOf(kind), undefined);
});
