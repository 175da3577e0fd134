import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import type { ServerResponse } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { downloadFrom } from "#client/download-backup.ts";
import { ApiServer } from "#test/api-server.ts";
import { archiveFileTools } from "../../src/app/archive-file-tools.ts";
import { SharedPool } from "../../src/app/shared-pool.ts";

const bytes = Buffer.from("what a backup holds");
const { signal } = new AbortController();

/** Fetches what a server answers into a folder, and tells what is there then. */
async function fetchFrom(context: TestContext, answer: (response: ServerResponse) => void) {
  const folder = mkdtempSync(join(tmpdir(), "safehouse-download-"));
  context.after(() => rmSync(folder, { recursive: true }));
  await using server = await ApiServer.listen((_, response) => answer(response));
  await using pool = new SharedPool(undefined);
  const files = archiveFileTools(folder, pool, signal);
  const cwd = process.cwd();
  process.chdir(folder);
  try {
    const wish = { backup: "5f0db21c", location: undefined, to: undefined, password: undefined };
    const written = await downloadFrom(
      server.client(),
      { ...wish, overwrite: false, decrypt: false },
      { files, report: () => undefined, signal },
    ).catch((error: unknown) => error);
    return { written, folder, there: readdirSync(folder) };
  } finally {
    process.chdir(cwd);
  }
}

function headers(more: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return { ETag: '"1"', "Content-Disposition": 'attachment; filename="a.tar"', ...more };
}

test("a backup is written under the name that it has there, in this folder and nowhere else", async (context) => {
  const named = headers({
    "Content-Disposition": "attachment; filename*=UTF-8''..%2F..%2Fm%C3%A4rz.tar",
  });
  const { written, there, folder } = await fetchFrom(context, (response) =>
    response.writeHead(200, named).end(bytes),
  );
  assert.deepEqual(written, { path: "märz.tar", size: bytes.length, decrypted: false });
  assert.deepEqual(there, ["märz.tar"]);
  assert.deepEqual(readFileSync(join(folder, "märz.tar")), bytes);
});

test("bytes that are not those whose checksum the server knows are not kept", async (context) => {
  const digest = createHash("sha256").update("other bytes").digest("base64");
  const { written, there } = await fetchFrom(context, (response) =>
    response.writeHead(200, headers({ "Repr-Digest": `sha-256=:${digest}:` })).end(bytes),
  );
  assert.equal((written as { problem?: string }).problem, "damaged");
  assert.deepEqual(there, []);
});

test("a download that breaks off leaves nothing behind", async (context) => {
  const { written, there } = await fetchFrom(context, (response) => {
    response.writeHead(200, headers({}));
    response.write(bytes, () => response.destroy());
  });
  assert.equal((written as { problem?: string }).problem, "unreachable");
  assert.deepEqual(there, []);
});
