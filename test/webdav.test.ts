import { strict as assert } from "node:assert";
import { test } from "node:test";
import { manyBytes } from "#test/places/many-bytes.ts";
import { findKind } from "#storage/catalog.ts";
import { StorageError } from "#storage/errors.ts";
import { stackStorage } from "#storage/stack.ts";
import {
  bodyOf,
  mebibyte,
  nextcloud,
  remembering,
  requests,
} from "#test/places/nextcloud-place.ts";

const { signal } = new AbortController();
const url = "https://cloud.example/remote.php/dav/files/anna/Backups";

test("where a WebDAV place is tells no secret", () => {
  const kind = findKind("webdav");
  assert.equal(kind.where({ url, user: "anna", password: "secret" }), url);
  assert.equal(
    kind.where({ url: "https://anna:secret@cloud.example/x" }),
    "https://cloud.example/x",
  );
});

test("an upload to Nextcloud that is retried goes on where it was cut", async (context) => {
  const { server, storage } = await nextcloud(context);
  const bytes = manyBytes(25 * mebibyte);
  let begun = 0;
  const from: number[] = [];
  const open = (at = 0) => {
    from.push(at);
    begun += 1;
    const end = begun === 1 ? 24 * mebibyte : bytes.length;
    return (async function* () {
      yield* bodyOf(bytes.subarray(0, end)).open(at);
      if (begun === 1) throw new StorageError("unreachable", "the source was away");
    })();
  };
  const { resume } = remembering();
  await stackStorage(storage, {}).write(
    "x.tar",
    { open, size: bytes.length, resume: resume() },
    signal,
  );
  assert.deepEqual(from, [0, 20 * mebibyte]);
  assert.equal(requests(server, "PUT").filter((path) => path.endsWith("/00001")).length, 1);
});
